using System.Text;

namespace Microsoft.ML;

/// <summary>Where a component writes itself: one entry of its own, named streams beside it, and folders below for its parts.</summary>
public sealed class ModelSaveContext : IDisposable
{
    internal const string ModelEntry = "Model.key";

    private readonly MemoryStream _body = new();
    private ModelHeader? _header;

    internal readonly RepositoryWriter Repository;
    internal readonly string Directory;
    internal readonly BinaryWriter Writer;

    private ModelSaveContext(RepositoryWriter repository, string directory)
    {
        Repository = repository;
        Directory = directory;
        Writer = new BinaryWriter(_body, Encoding.UTF8);
    }

    /// <summary>Writes a component into a folder of the file.</summary>
    internal static void SaveModel(RepositoryWriter repository, ICanSaveModel model, string directory)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var ctx = new ModelSaveContext(repository, directory);
        model.Save(ctx);
        ctx.Finish();
    }

    /// <summary>Writes a part of the present component into a folder below its own.</summary>
    internal void SaveSubModel(string name, ICanSaveModel model) => SaveModel(Repository, model, PathOf(name));

    /// <summary>Throws unless the context stands at the beginning of a component.</summary>
    internal void CheckAtModel()
    {
        if (_header != null || _body.Length != 0) throw new InvalidOperationException("The context is not at the beginning of a model.");
    }

    internal void SetVersionInfo(VersionInfo ver)
    {
        CheckAtModel();
        _header = new(ver.ModelSignature, ver.VerWrittenCur, ver.VerReadableCur, ver.LoaderAssemblyName, ver.LoaderSignature);
    }

    /// <summary>Writes a named stream beside the component's own entry, straight into the file.</summary>
    internal void SaveBinaryStream(string name, Action<BinaryWriter> action)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(action);
        Repository.WriteEntry(PathOf(name), compress: false, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            action(writer);
        });
    }

    internal void SaveString(string str)
    {
        Writer.Write(str != null);
        if (str != null) Writer.Write(str);
    }

    internal void SaveNonEmptyString(string str)
    {
        ArgumentException.ThrowIfNullOrEmpty(str);
        Writer.Write(str);
    }

    internal void SaveNonEmptyString(ReadOnlyMemory<char> str) => SaveNonEmptyString(str.ToString());

    private string PathOf(string name) => Directory.Length == 0 ? name : $"{Directory}/{name}";

    private void Finish()
    {
        var header = _header ?? throw new InvalidOperationException($"The component in '{Directory}' did not call SetVersionInfo.");
        Writer.Flush();
        Repository.WriteEntry(PathOf(ModelEntry), compress: true, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            header.Write(writer);
            writer.Flush();
            _body.WriteTo(stream);
        });
    }

    public void Dispose() => Writer.Dispose();
}
