using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.Bytes;

namespace MLNet.ViTPruning.Imaging;

/// <summary>Writes PNG files: 8-bit RGB, every row predicted by the one above it.</summary>
/// <remarks>Source: ISO/IEC 15948 (PNG). The same pixels give the same file.</remarks>
public static class PngFile
{
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private const byte FilterUp = 2;

    /// <summary>Saves an image; it appears under its name when it is complete and on the disk.</summary>
    /// <param name="image">The image.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file cannot be written; the old one is untouched.</exception>
    public static void Save(RgbImage image, string path)
    {
        byte[] bytes = Encode(image);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Encodes an image.</summary>
    /// <param name="image">The image.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        (header[8], header[9]) = (8, 2); // eight bits, RGB; deflate, no interlacing
        using var file = new MemoryStream();
        file.Write(Signature);
        WriteChunk(file, "IHDR", header);
        WriteChunk(file, "IDAT", Compressed(image));
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static byte[] Compressed(RgbImage image)
    {
        using var bytes = new MemoryStream();
        using (var zlib = new ZLibStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        {
            int width = 3 * image.Width;
            byte[] row = new byte[1 + width];
            row[0] = FilterUp;
            for (int y = 0; y < image.Height; y++)
            {
                var pixels = image.Pixels.Slice(y * width, width);
                for (int i = 0; i < width; i++) row[1 + i] = (byte)(pixels[i] - (y == 0 ? 0 : image.Pixels[(y - 1) * width + i]));
                zlib.Write(row);
            }
        }
        return bytes.ToArray();
    }

    private static void WriteChunk(MemoryStream file, string type, ReadOnlySpan<byte> data)
    {
        byte[] checkedBytes = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(checkedBytes);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(checkedBytes));
        file.Write(number);
    }
}
