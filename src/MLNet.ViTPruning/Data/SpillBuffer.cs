using Microsoft.Win32.SafeHandles;

namespace MLNet.ViTPruning.Data;

/// <summary>Byte strings, kept in memory up to a bound and beyond it in one temporary file that vanishes with this buffer.</summary>
/// <remarks>One thread adds; any number of threads read what was added.</remarks>
internal sealed class SpillBuffer(string folder, long memoryBytes) : IDisposable
{
    private readonly List<Entry> _entries = [];
    private SafeFileHandle? _file;
    private long _inMemory;
    private long _inFile;

    public int Count => _entries.Count;

    /// <summary>Bytes that went to the file.</summary>
    public long SpilledBytes => _inFile;

    /// <summary>Adds a byte string; its number is the count before.</summary>
    /// <exception cref="IOException">The temporary file cannot be written.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_inMemory + bytes.Length <= memoryBytes)
        {
            _inMemory += bytes.Length;
            _entries.Add(new(bytes.ToArray(), 0, bytes.Length));
            return;
        }
        try
        {
            _file ??= Open();
            RandomAccess.Write(_file, bytes, _inFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The images go beyond {memoryBytes} bytes, and the temporary file for the rest in '{folder}' cannot be written: {fault.Message} "
                + "Set MLContext.TempFilePath to a folder with room, or give paths or encoded images.", fault);
        }
        _entries.Add(new(null, _inFile, bytes.Length));
        _inFile += bytes.Length;
    }

    /// <summary>A byte string, of exactly its length; not to be written to.</summary>
    /// <exception cref="IOException">The temporary file cannot be read.</exception>
    public byte[] Read(int index)
    {
        var entry = _entries[index];
        if (entry.Bytes is { } bytes) return bytes;
        var read = new byte[entry.Length];
        for (int done = 0; done < read.Length;)
        {
            int count = RandomAccess.Read(_file!, read.AsSpan(done), entry.Offset + done);
            done += count > 0 ? count : throw new IOException($"The temporary file of images in '{folder}' was cut short.");
        }
        return read;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _entries.Clear();
    }

    private SafeFileHandle Open()
    {
        var path = Path.Combine(folder, $"vitpruning-{Guid.NewGuid():N}.tmp");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.RandomAccess | FileOptions.DeleteOnClose);
        // Elsewhere than on Windows an open file needs no name: so nothing stays behind even if the process is killed.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }

    private readonly record struct Entry(byte[]? Bytes, long Offset, int Length);
}
