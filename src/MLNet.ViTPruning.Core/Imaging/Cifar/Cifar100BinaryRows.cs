using Microsoft.Win32.SafeHandles;
using static MLNet.ViTPruning.Imaging.Cifar100Binary;

namespace MLNet.ViTPruning.Imaging;

/// <summary>A binary file's images. Only the labels are held in memory; an image is read from the file when asked for.</summary>
internal sealed class Cifar100BinaryRows : ICifar100Rows
{
    private const int RowsPerRead = 256;
    private const int MaxRows = 10_000_000;

    private readonly string _path;
    private readonly SafeFileHandle _file;      // closed by its finalizer: a data view has no owner that could

    private Cifar100BinaryRows(string path, SafeFileHandle file, byte[] coarse, byte[] fine) =>
        (_path, _file, Coarse, Fine) = (path, file, coarse, fine);

    public byte[] Fine { get; }

    public byte[] Coarse { get; }

    /// <exception cref="InvalidDataException">The length is not a multiple of 3074, there is no image, or a label is out of range.</exception>
    public static Cifar100BinaryRows Open(string path)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            var length = RandomAccess.GetLength(file);
            if (length == 0 || length % RowBytes != 0 || length / RowBytes > MaxRows)
                throw new InvalidDataException($"'{path}' has {length} bytes; a CIFAR-100 file has {RowBytes} per image, and 1 to {MaxRows} images.");
            var count = (int)(length / RowBytes);
            var (coarse, fine) = (new byte[count], new byte[count]);
            var buffer = new byte[RowsPerRead * RowBytes];
            for (var row = 0; row < count; row += RowsPerRead)
            {
                var rows = Math.Min(RowsPerRead, count - row);
                ReadFully(file, buffer.AsSpan(0, rows * RowBytes), (long)row * RowBytes, path);
                for (var i = 0; i < rows; i++)
                {
                    (coarse[row + i], fine[row + i]) = (buffer[i * RowBytes], buffer[i * RowBytes + 1]);
                    if (Fault(fine[row + i], coarse[row + i]) is { } fault) throw new InvalidDataException($"'{path}': row {row + i} has {fault}.");
                }
            }
            return new(path, file, coarse, fine);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Read(int row, Span<byte> planar) => ReadFully(_file, planar[..ImageBytes], (long)row * RowBytes + 2, _path);

    private static void ReadFully(SafeFileHandle file, Span<byte> buffer, long offset, string path)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0) throw new InvalidDataException($"'{path}' ends before its last image: it was changed while in use.");
            buffer = buffer[read..];
            offset += read;
        }
    }
}
