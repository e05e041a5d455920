using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(typeof(TransformerChain<Microsoft.ML.ITransformer>), typeof(TransformerChain), null,
    typeof(Microsoft.ML.SignatureLoadModel), "Transformer chain", TransformerChain.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>How a chain stands in a model file: a folder for each transformer.</summary>
internal static class TransformerChain
{
    public const string LoaderSignature = "TransformerChain";

    private static VersionInfo GetVersionInfo() => new("XF  PIPE", 0x00010001, 0x00010001, 0x00010001, Offline.AssemblyName, LoaderSignature);

    private static string Folder(int i) => $"Transform_{i:000}";

    public static void Save(ModelSaveContext ctx, ITransformer[] transformers, TransformerScope[] scopes)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(transformers.Length);
        for (int i = 0; i < transformers.Length; i++)
        {
            ctx.Writer.Write((int)scopes[i]);
            ctx.SaveSubModel(Folder(i), transformers[i]);
        }
    }

    internal static TransformerChain<ITransformer> Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        int count = ctx.Reader.ReadInt32();
        if (count < 0) throw new FormatException($"The chain announces {count} transformers.");
        var transformers = new List<ITransformer>();
        var scopes = new List<TransformerScope>();
        for (int i = 0; i < count; i++)
        {
            scopes.Add((TransformerScope)ctx.Reader.ReadInt32());
            transformers.Add(ctx.LoadSubModel<ITransformer>(env, Folder(i)));
        }
        return new(transformers, scopes);
    }
}

internal static class Offline
{
    /// <summary>The name under which built-in components are found again.</summary>
    public static readonly string AssemblyName = typeof(Offline).Assembly.GetName().Name;
}
