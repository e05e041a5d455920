using MLNet.ViTPruning.Checkpoints.Bytes;

namespace MLNet.ViTPruning.Imaging;

/// <summary>CIFAR-100's official binary files: per image one byte of coarse label, one of fine label, then the planes R, G, B of
/// 32 x 32 bytes.</summary>
/// <remarks>Source: the description beside the data set (Krizhevsky 2009).</remarks>
public static class Cifar100Binary
{
    /// <summary>Side of an image in pixels.</summary>
    public const int Side = 32;

    /// <summary>Bytes of an image: three planes.</summary>
    public const int ImageBytes = 3 * Side * Side;

    /// <summary>Bytes of an image with its two labels.</summary>
    public const int RowBytes = 2 + ImageBytes;

    /// <summary>Writes a file in the official format. An existing one is replaced when all rows are on disk.</summary>
    /// <param name="path">The file, usually <c>train.bin</c> or <c>test.bin</c>.</param>
    /// <param name="rows">Per image the fine label (0 to 99), the coarse label (0 to 19) and the planes R, G, B: 3072 bytes.</param>
    /// <exception cref="ArgumentException">A label is out of range or an image has another size.</exception>
    public static void Write(string path, IEnumerable<(int Fine, int Coarse, ReadOnlyMemory<byte> Planar)> rows)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(rows);
        AtomicFile.Write(path, stream =>
        {
            var index = 0;
            foreach (var (fine, coarse, planar) in rows)
            {
                var fault = Fault(fine, coarse) ?? (planar.Length == ImageBytes ? null : $"an image of {planar.Length} bytes; expected {ImageBytes}");
                if (fault is not null) throw new ArgumentException($"Row {index} has {fault}.", nameof(rows));
                stream.Write([(byte)coarse, (byte)fine]);
                stream.Write(planar.Span);
                index++;
            }
        });
    }

    internal static string? Fault(long fine, long coarse) =>
        fine is < 0 or > 99 ? $"the fine label {fine}; expected 0 to 99" : coarse is < 0 or > 19 ? $"the coarse label {coarse}; expected 0 to 19" : null;
}
