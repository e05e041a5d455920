// The only file that touches what ML.NET keeps internal. docs/mlnet-internals.md says what is used, why, and how it compiles
// against the real packages (a publicised reference copy of Microsoft.ML.Core.dll, build/PublicizeMLCore.targets).
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.ModelFiles;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: LoadableClass(typeof(ViTScoringTransformer), null, typeof(SignatureLoadModel), "Vision Transformer scoring", ViTScoringTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(PatchSkipTransformer), null, typeof(SignatureLoadModel), "Vision Transformer that skips patches", PatchSkipTransformer.LoaderSignature)]

namespace System.Runtime.CompilerServices
{
    /// <summary>Honoured by the runtime: lets this assembly call internal members of another one.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}

namespace MLNet.ViTPruning.ModelFiles
{
    /// <summary>What an MLContext was told, read through a component's environment.</summary>
    internal readonly record struct EnvironmentSettings(int? Seed, int? GpuDeviceId, bool FallbackToCpu, string TempFilePath);

    internal static class MLNetInternals
    {
        private const string WeightsEntry = "model.safetensors";

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_env")]
        private static extern ref IHostEnvironment EnvironmentField(TransformsCatalog catalog);

        public static IHostEnvironment EnvironmentOf(TransformsCatalog catalog) => EnvironmentField(catalog);

        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Owner")]
        private static extern TrainCatalogBase Owner(TrainCatalogBase.CatalogInstantiatorBase trainers);

        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Environment")]
        private static extern IHostEnvironment Environment(TrainCatalogBase catalog);

        public static IHostEnvironment EnvironmentOf(TrainCatalogBase.CatalogInstantiatorBase trainers) => Environment(Owner(trainers));

        /// <summary>Hosts copy these values when they are registered, so read them when the component is created.</summary>
        public static EnvironmentSettings SettingsOf(IHostEnvironment environment) => environment is IHostEnvironmentInternal inner
            ? new(inner.Seed, inner.GpuDeviceId, inner.FallbackToCpu, inner.TempFilePath)
            : new(null, null, true, Path.GetTempPath());

        public static SchemaShape.Column Column(string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey, SchemaShape? annotations = null) =>
            new(name, kind, itemType, isKey, annotations);

        /// <summary>Writes a component: its settings as JSON and its weights as one stream.</summary>
        public static void Save(ModelSaveContext context, string signature, string loaderSignature, string settings, Action<Stream> writeWeights)
        {
            context.CheckAtModel();
            context.SetVersionInfo(Version(signature, loaderSignature));
            context.SaveNonEmptyString(settings);
            context.SaveBinaryStream(WeightsEntry, writer => writeWeights(writer.BaseStream));
        }

        /// <summary>Reads what <see cref="Save"/> wrote.</summary>
        public static (string Settings, T Weights) Load<T>(ModelLoadContext context, string signature, string loaderSignature, Func<Stream, T> readWeights)
            where T : class
        {
            context.CheckAtModel(Version(signature, loaderSignature));
            var settings = context.LoadNonEmptyString();
            T? weights = null;
            if (!context.TryLoadBinaryStream(WeightsEntry, reader => weights = readWeights(reader.BaseStream)) || weights is null)
                throw new InvalidDataException($"The model file has no entry {WeightsEntry}; it is damaged or incomplete.");
            return (settings, weights);
        }

        // The simple assembly name: a newer library still loads an older file.
        private static VersionInfo Version(string signature, string loaderSignature) => new(
            modelSignature: signature,
            verWrittenCur: 0x00010001,
            verReadableCur: 0x00010001,
            verWeCanReadBack: 0x00010001,
            loaderAssemblyName: typeof(MLNetInternals).Assembly.GetName().Name!,
            loaderSignature: loaderSignature);
    }
}

namespace MLNet.ViTPruning.Components
{
    public sealed partial class ViTScoringTransformer
    {
        // ML.NET finds this method by its name and parameters.
        private static ViTScoringTransformer Create(IHostEnvironment environment, ModelLoadContext context)
        {
            var (settings, saved) = MLNetInternals.Load(context, ModelSignature, LoaderSignature, ReadWeights);
            return FromFile(environment, settings, saved);
        }
    }

    public sealed partial class PatchSkipTransformer
    {
        // ML.NET finds this method by its name and parameters.
        private static PatchSkipTransformer Create(IHostEnvironment environment, ModelLoadContext context)
        {
            var (settings, saved) = MLNetInternals.Load(context, ModelSignature, LoaderSignature, ReadWeights);
            return FromFile(environment, settings, saved);
        }
    }
}
