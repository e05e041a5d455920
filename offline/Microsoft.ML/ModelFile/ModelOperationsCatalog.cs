using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Saves and loads models, and makes prediction engines.</summary>
public sealed partial class ModelOperationsCatalog : IInternalCatalog
{
    private const string ModelFolder = "TransformerChain";
    private const string SchemaEntry = "Schema";

    private readonly IHostEnvironment _env;

    internal ModelOperationsCatalog(IHostEnvironment env) => _env = env;

    IHostEnvironment IInternalCatalog.Environment => _env;

    /// <summary>Writes a zip with every transformer's state and, unless null, the schema of the data it expects.</summary>
    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        using var repository = new RepositoryWriter(stream);
        ModelSaveContext.SaveModel(repository, model, ModelFolder);
        if (inputSchema != null) repository.WriteEntry(SchemaEntry, compress: true, entry => SchemaFile.Write(entry, inputSchema));
    }

    /// <summary>As <see cref="Save(ITransformer, DataViewSchema, Stream)"/>; an existing file is replaced only when all is written.</summary>
    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        var temporary = $"{filePath}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                Save(model, inputSchema, file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, filePath, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads a model. <paramref name="inputSchema"/> is null where none was saved.</summary>
    /// <remarks>A model file names assemblies that loading brings in: load only files that you trust.</remarks>
    public ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var repository = new RepositoryReader(stream);
        DataViewSchema schema = null;
        try
        {
            repository.TryReadEntry(SchemaEntry, entry => schema = SchemaFile.Read(entry));
            inputSchema = schema;
            return ModelLoadContext.LoadModel<ITransformer>(_env, repository, ModelFolder);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The model file is truncated: a part of it ends too early.", e);
        }
    }

    /// <inheritdoc cref="Load(Stream, out DataViewSchema)"/>
    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        using var file = new FileStream(filePath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        return Load(file, out inputSchema);
    }
}
