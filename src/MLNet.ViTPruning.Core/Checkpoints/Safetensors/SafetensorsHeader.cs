using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Unicode;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>The checked header of a safetensors file.</summary>
/// <param name="Metadata">The texts of <c>__metadata__</c>.</param>
/// <param name="Entries">The tensors by name; their byte ranges tile the data without gap or overlap.</param>
/// <param name="DataStart">Position of the first data byte in the file.</param>
/// <param name="DataLength">Number of data bytes.</param>
internal sealed record SafetensorsHeader(
    FrozenDictionary<string, string> Metadata, FrozenDictionary<string, TensorEntry> Entries, long DataStart, long DataLength)
{
    /// <summary>The format's own limit; a model's header has some ten to hundred KB.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The length of the JSON text, from a file's first eight bytes.</summary>
    /// <param name="prefix">Eight bytes.</param>
    /// <param name="fileLength">The file's length, or null where it is not known.</param>
    /// <exception cref="InvalidDataException">The length is absurd.</exception>
    public static int ReadLength(ReadOnlySpan<byte> prefix, long? fileLength)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length is < 2 or > MaxLength) throw Broken($"its header claims {length} bytes; expected 2 to {MaxLength}");
        if (fileLength is long total && (long)length > total - 8)
            throw Broken($"its header claims {length} bytes, the file has {total}: it is truncated");
        return (int)length;
    }

    /// <summary>Reads and checks the header's JSON text.</summary>
    /// <param name="json">The text, padding included.</param>
    /// <param name="dataLength">Number of bytes behind the header, or null where it is not known.</param>
    /// <exception cref="InvalidDataException">The text is not a valid header, or its ranges do not tile the data.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long? dataLength)
    {
        if (json[0] != (byte)'{') throw Broken("its header does not start with '{'");
        if (!Utf8.IsValid(json)) throw Broken("its header is not UTF-8");
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var entries = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        try
        {
            SafetensorsJson.Read(json, metadata, entries);
        }
        // InvalidOperation: an escape that is half a surrogate pair
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"Not a valid safetensors file: its header is not valid JSON ({e.Message}).", e);
        }
        long end = CheckTiling(entries.Values);
        if (dataLength is long length && end != length)
            throw Broken(end > length ? $"its tensors end at data byte {end}, the file at {length}: it is truncated" : $"{length - end} bytes at its end belong to no tensor");
        return new SafetensorsHeader(metadata.ToFrozenDictionary(StringComparer.Ordinal),
            entries.ToFrozenDictionary(StringComparer.Ordinal), 8 + json.Length, end);
    }

    private static long CheckTiling(IEnumerable<TensorEntry> entries)
    {
        long end = 0;
        foreach (var entry in entries.OrderBy(e => e.Offset).ThenBy(e => e.Length))
        {
            if (entry.Offset < end)
                throw Broken($"'{entry.Name}' starts at data byte {entry.Offset}, within the tensor before it, which ends at {end}");
            if (entry.Offset > end) throw Broken($"data bytes {end} to {entry.Offset} belong to no tensor");
            end = checked(entry.Offset + entry.Length); // cannot overflow: it is the entry's end, which was read as 63 bits
        }
        return end;
    }

    internal static InvalidDataException Broken(string why) => new($"Not a valid safetensors file: {why}.");
}
