using System.IO.Compression;
using System.Text;

namespace Microsoft.ML;

/// <summary>A model file in the making: a zip of named entries, each written once and straight into the file.</summary>
internal sealed class RepositoryWriter : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private string _open;

    public RepositoryWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite) throw new ArgumentException("The stream cannot be written to.", nameof(stream));
        _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8);
    }

    /// <summary>Writes one entry. Large numeric data are stored as they are: they hardly shrink, and reading stays fast.</summary>
    public void WriteEntry(string name, bool compress, Action<Stream> write)
    {
        if (_open != null) throw new InvalidOperationException($"'{name}' cannot be written while '{_open}' is being written.");
        if (!_names.Add(name)) throw new InvalidOperationException($"The model file already holds '{name}'.");
        _open = name;
        try
        {
            using var stream = _archive.CreateEntry(name, compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression).Open();
            write(stream);
        }
        finally
        {
            _open = null;
        }
    }

    public void Dispose() => _archive.Dispose();
}
