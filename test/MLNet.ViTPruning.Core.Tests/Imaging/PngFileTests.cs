using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Imaging;

[TestClass]
public sealed class PngFileTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(7, 3)]
    [DataRow(64, 50)]
    public void Encode_GivesAFileThatHoldsThePixels(int width, int height)
    {
        byte[] pixels = new byte[3 * width * height];
        new Random(width).NextBytes(pixels);
        byte[] file = PngFile.Encode(new RgbImage(width, height, pixels));
        CollectionAssert.AreEqual(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A }, file[..8]);
        var chunks = Chunks(file.AsSpan(8).ToArray());
        CollectionAssert.AreEqual(new[] { "IHDR", "IDAT", "IEND" }, chunks.Select(c => c.Type).ToArray());
        Assert.AreEqual((width, height), (BinaryPrimitives.ReadInt32BigEndian(chunks[0].Data), BinaryPrimitives.ReadInt32BigEndian(chunks[0].Data.AsSpan(4))));
        CollectionAssert.AreEqual(new byte[] { 8, 2, 0, 0, 0 }, chunks[0].Data[8..]);
        CollectionAssert.AreEqual(pixels, Pixels(chunks[1].Data, width, height));
    }

    private static List<(string Type, byte[] Data)> Chunks(byte[] bytes)
    {
        var chunks = new List<(string, byte[])>();
        for (int at = 0; at < bytes.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            uint crc = uint.MaxValue; // bit by bit, as the standard's sample does
            foreach (byte b in bytes.AsSpan(at + 4, 4 + length))
            {
                crc ^= b;
                for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            }
            Assert.AreEqual(~crc, BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 8 + length)));
            chunks.Add((Encoding.ASCII.GetString(bytes, at + 4, 4), bytes[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }
        return chunks;
    }

    private static byte[] Pixels(byte[] data, int width, int height)
    {
        using var zlib = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
        byte[] rows = new byte[height * (1 + 3 * width)], pixels = new byte[3 * width * height];
        zlib.ReadExactly(rows);
        Assert.AreEqual(-1, zlib.ReadByte());
        for (int y = 0; y < height; y++)
        {
            Assert.AreEqual(2, (int)rows[y * (1 + 3 * width)]);
            for (int i = 0; i < 3 * width; i++) pixels[y * 3 * width + i] = (byte)(rows[y * (1 + 3 * width) + 1 + i] + (y == 0 ? 0 : pixels[(y - 1) * 3 * width + i]));
        }
        return pixels;
    }
}
