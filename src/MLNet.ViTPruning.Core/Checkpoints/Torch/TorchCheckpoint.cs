using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Checkpoints.Pickle;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>A PyTorch checkpoint (<c>torch.save</c> since 1.6: a zip file) that holds a state dict. Its pickle is read as data; nothing in
/// it is run.</summary>
/// <remarks>Safe for concurrent reads. <see cref="Metadata"/> is what this library's writer put beside the tensors; Python ignores
/// it.</remarks>
public sealed class TorchCheckpoint : ICheckpoint
{
    internal const string MetadataEntry = "vitpruning.json";
    private const int MaxPickle = 1 << 26;

    private readonly ByteSource _source;
    private readonly FrozenDictionary<string, TorchWindow> _tensors;
    private readonly bool _swap;

    private TorchCheckpoint(ByteSource source)
    {
        _source = source;
        var entries = ZipDirectory.Read(source);
        string root = Root(entries.Keys);
        _swap = ByteOrder(entries, root) == "big";
        byte[] pickle = ReadSmall(entries[root + "data.pkl"]);
        var tensors = StateDict.Unwrap(RestrictedUnpickler.Load(pickle, PickleAllowance.TensorStateDict));
        _tensors = tensors.ToFrozenDictionary(t => t.Key,
            t => TorchWindow.Check(t.Key, t.Value, storage => entries.GetValueOrDefault($"{root}data/{storage}")), StringComparer.Ordinal);
        Names = [.. _tensors.Keys.Order(StringComparer.Ordinal)];
        Metadata = entries.TryGetValue(root + MetadataEntry, out var metadata)
            ? ReadMetadata(ReadSmall(metadata))
            : FrozenDictionary<string, string>.Empty;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Opens a file by mapping it into memory.</summary>
    /// <param name="path">The file, usually <c>.pth</c>, <c>.pt</c> or <c>.bin</c>.</param>
    /// <returns>The open file, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">It is no valid PyTorch checkpoint, holds no state dict, or names a class or function that a
    /// state dict does not need.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static TorchCheckpoint Open(string path) => Create(MappedSource.Open(path));

    /// <summary>Uses bytes in memory.</summary>
    /// <param name="bytes">The whole file; not copied.</param>
    /// <returns>The open file, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">As for <see cref="Open"/>.</exception>
    public static TorchCheckpoint Read(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Create(new ArraySource(bytes));
    }

    internal static TorchCheckpoint Create(ByteSource source)
    {
        try
        {
            return new TorchCheckpoint(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> ShapeOf(string name) => WindowOf(name).Shape;

    /// <inheritdoc/>
    public ScalarType DTypeOf(string name) => WindowOf(name).Type.Type;

    /// <inheritdoc/>
    public Tensor ReadTensor(string name, ScalarType? dtype = null) => TensorBytes.Convert(WindowOf(name).Read(_source, _swap), dtype);

    /// <summary>Unmaps the file. Tensors that were read stay valid.</summary>
    public void Dispose() => _source.Dispose();

    private TorchWindow WindowOf(string name) =>
        _tensors.TryGetValue(name, out var window) ? window : throw new KeyNotFoundException($"The file has no tensor '{name}'.");

    // All entries stand in one folder, whose name torch.save takes from the file's.
    private static string Root(IEnumerable<string> names)
    {
        const string pickle = "/data.pkl";
        string[] pickles = [.. names.Where(n => n.EndsWith(pickle, StringComparison.Ordinal) && n.IndexOf('/') == n.Length - pickle.Length)];
        if (pickles.Length != 1)
            throw new InvalidDataException("The zip file has no data.pkl in its one folder: it is no PyTorch checkpoint.");
        string root = pickles[0][..^"data.pkl".Length];
        return names.Contains(root + "constants.pkl")
            ? throw new InvalidDataException("The file is a TorchScript program, not a checkpoint; save the model's state_dict() with torch.save.")
            : root;
    }

    private string ByteOrder(Dictionary<string, ZipEntry> entries, string root)
    {
        if (!entries.TryGetValue(root + "byteorder", out var entry)) return "little"; // before PyTorch 2.1
        string order = entry.Length <= 16 ? Encoding.ASCII.GetString(ReadSmall(entry)) : "";
        return order is "little" or "big"
            ? order
            : throw new InvalidDataException("Not a valid PyTorch checkpoint: its byteorder is neither little nor big.");
    }

    private byte[] ReadSmall(ZipEntry entry) => entry.Length <= MaxPickle
        ? _source.Read(entry.Offset, (int)entry.Length)
        : throw new InvalidDataException($"Not a valid PyTorch checkpoint: {entry.Name} has {entry.Length} bytes; expected at most {MaxPickle}.");

    private static FrozenDictionary<string, string> ReadMetadata(byte[] json)
    {
        try
        {
            var texts = JsonSerializer.Deserialize<Dictionary<string, string?>>(json) ?? [];
            return texts.ToFrozenDictionary(t => t.Key, t => t.Value ?? throw new JsonException($"'{t.Key}' is null"),
                StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"The checkpoint's {MetadataEntry} is not valid: {e.Message}", e);
        }
    }
}
