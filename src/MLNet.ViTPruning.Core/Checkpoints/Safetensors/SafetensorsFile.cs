using MLNet.ViTPruning.Checkpoints.Bytes;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>A safetensors file, checked when it is opened and read tensor by tensor.</summary>
/// <remarks>Source: the safetensors format's description. Stricter than it asks: ranges must tile the data exactly, and duplicate names are
/// refused.
/// Safe for concurrent reads.</remarks>
public sealed class SafetensorsFile : ICheckpoint
{
    private readonly ByteSource _source;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(ByteSource source)
    {
        _source = source;
        Span<byte> prefix = stackalloc byte[8];
        if (source.Length < prefix.Length)
            throw SafetensorsHeader.Broken($"it has {source.Length} bytes, its header's length alone takes 8: it is truncated");
        source.Read(0, prefix);
        int length = SafetensorsHeader.ReadLength(prefix, source.Length);
        _header = SafetensorsHeader.Parse(source.Read(8, length), source.Length - 8 - length);
        Names = [.. _header.Entries.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>The texts of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries => _header.Entries;

    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Opens a file by mapping it into memory; a tensor's pages are loaded when it is read.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The open file, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">It is no valid safetensors file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafetensorsFile Open(string path) => Create(MappedSource.Open(path));

    /// <summary>Reads a stream to its end and keeps its bytes.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <returns>The open file, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">It is no valid safetensors file.</exception>
    public static SafetensorsFile Read(Stream stream) => Create(ArraySource.From(stream));

    /// <summary>Uses bytes in memory.</summary>
    /// <param name="bytes">The whole file; not copied.</param>
    /// <returns>The open file, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">They are no valid safetensors file.</exception>
    public static SafetensorsFile Read(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Create(new ArraySource(bytes));
    }

    internal static SafetensorsFile Create(ByteSource source)
    {
        try
        {
            return new SafetensorsFile(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> ShapeOf(string name) => EntryOf(name).Shape;

    /// <inheritdoc/>
    public ScalarType DTypeOf(string name) => EntryOf(name).DType;

    /// <inheritdoc/>
    public Tensor ReadTensor(string name, ScalarType? dtype = null)
    {
        var entry = EntryOf(name);
        return TensorBytes.Convert(TensorBytes.Read(_source, _header.DataStart + entry.Offset, ElementTypes.Of(entry.DType), entry.Shape, name), dtype);
    }

    /// <summary>Unmaps the file. Tensors that were read stay valid.</summary>
    public void Dispose() => _source.Dispose();

    private TensorEntry EntryOf(string name) =>
        _header.Entries.TryGetValue(name, out var entry) ? entry : throw new KeyNotFoundException($"The file has no tensor '{name}'.");
}
