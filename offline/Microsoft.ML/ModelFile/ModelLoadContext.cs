using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where a component reads itself from.</summary>
internal sealed class ModelLoadContext : IDisposable
{
    // A component's own entry holds names and numbers; what is large goes into streams.
    private const int MaxOwnBytes = 1 << 30;

    private readonly ModelHeader _header;
    private readonly long _bodyStart;

    public readonly RepositoryReader Repository;
    public readonly string Directory;
    public readonly BinaryReader Reader;

    private ModelLoadContext(RepositoryReader repository, string directory, MemoryStream entry)
    {
        Repository = repository;
        Directory = directory;
        Reader = new BinaryReader(entry, Encoding.UTF8);
        _header = ModelHeader.Read(Reader);
        _bodyStart = entry.Position;
    }

    /// <summary>Loads the component of a folder: finds its class by the assembly and name in its header.</summary>
    public static T LoadModel<T>(IHostEnvironment env, RepositoryReader repository, string directory)
        where T : class
    {
        using var entry = new MemoryStream();
        var name = directory.Length == 0 ? ModelSaveContext.ModelEntry : $"{directory}/{ModelSaveContext.ModelEntry}";
        repository.ReadEntry(name, stream =>
        {
            if (stream.Length > MaxOwnBytes) throw new InvalidDataException($"'{name}' in the model file has {stream.Length} bytes.");
            stream.CopyTo(entry);
        });
        entry.Position = 0;
        using var ctx = new ModelLoadContext(repository, directory, entry);
        return ctx.FindLoader(env).Create(env, ctx) as T
            ?? throw new FormatException($"'{directory}' in the model file is no {typeof(T).Name}.");
    }

    /// <summary>Loads a part of the present component.</summary>
    public T LoadSubModel<T>(IHostEnvironment env, string name)
        where T : class => LoadModel<T>(env, Repository, PathOf(name));

    private LoadableClassAttribute FindLoader(IHostEnvironment env)
    {
        if (_header.LoaderAssembly.Length > 0)
        {
            try
            {
                env.ComponentCatalog.RegisterAssembly(Assembly.Load(_header.LoaderAssembly));
            }
            catch (Exception e) when (e is IOException or BadImageFormatException)
            {
                throw new InvalidOperationException(
                    $"The model needs the assembly '{_header.LoaderAssembly}', which cannot be loaded: add the package that holds it.", e);
            }
        }
        return env.ComponentCatalog.TryFindLoadable(typeof(SignatureLoadModel), _header.LoaderSignature, out var attribute)
            ? attribute
            : throw new FormatException(
                $"The assembly '{_header.LoaderAssembly}' has no component '{_header.LoaderSignature}', which the model names.");
    }

    public void CheckAtModel()
    {
        if (Reader.BaseStream.Position != _bodyStart) throw new InvalidOperationException("The context is not at the beginning of a model.");
    }

    /// <summary>Throws a <see cref="FormatException"/> unless the component was written by code that this code understands.</summary>
    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        _header.Check(ver);
    }

    public string LoadString() => Reader.ReadBoolean() ? Reader.ReadString() : null;

    public string LoadNonEmptyString()
    {
        var text = Reader.ReadString();
        return text.Length > 0 ? text : throw new FormatException("A name in the model is empty.");
    }

    /// <summary>Reads a named stream; false where there is none. The reader cannot seek, and what it leaves is skipped.</summary>
    public bool TryLoadBinaryStream(string name, Action<BinaryReader> action)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(action);
        return Repository.TryReadEntry(PathOf(name), stream =>
        {
            using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
            action(reader);
        });
    }

    private string PathOf(string name) => Directory.Length == 0 ? name : $"{Directory}/{name}";

    public void Dispose() => Reader.Dispose();
}
