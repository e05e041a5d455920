using System.IO.Compression;
using System.Text;

namespace Microsoft.ML;

/// <summary>A model file being read.</summary>
internal sealed class RepositoryReader : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);

    public RepositoryReader(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead) throw new ArgumentException("The stream cannot be read.", nameof(stream));
        if (!stream.CanSeek) throw new ArgumentException("The stream must be seekable: a model file is read by its entries.", nameof(stream));
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true, Encoding.UTF8);
            foreach (var entry in _archive.Entries) _entries[entry.FullName.Replace('\\', '/')] = entry;
        }
        catch (Exception e) when (Damage.Is(e))
        {
            throw new FormatException("This is no model file, or it is truncated: its zip directory cannot be read.", e);
        }
    }

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>Reads one entry to its end and checks its checksum; false where there is none of that name.</summary>
    public bool TryReadEntry(string name, Action<Stream> read)
    {
        if (!_entries.TryGetValue(name, out var entry)) return false;
        Stream raw;
        try
        {
            raw = entry.Open();
        }
        catch (Exception e) when (Damage.Is(e))
        {
            throw new InvalidDataException($"'{name}' in the model file cannot be read: {e.Message}", e);
        }
        using var stream = new ChecksumStream(raw, entry.Length, entry.Crc32, name);
        read(stream);
        stream.Finish();
        return true;
    }

    public void ReadEntry(string name, Action<Stream> read)
    {
        if (!TryReadEntry(name, read)) throw new FormatException($"The model file lacks '{name}'.");
    }

    public void Dispose() => _archive.Dispose();
}

/// <summary>What broken bytes give rise to in readers.</summary>
internal static class Damage
{
    public static bool Is(Exception e) =>
        e is InvalidDataException or EndOfStreamException or FormatException or NotSupportedException or ArgumentException or OverflowException or IndexOutOfRangeException;
}
