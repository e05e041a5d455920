using System.Buffers.Binary;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Imaging;

[TestClass]
public sealed class ImageHeaderTests
{
    private static byte[] Jpeg(int width, int height) =>
        [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xfe, 0, 3, 9, 0xff, 0xc2, 0, 17, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 3, 0, 0];

    private static byte[] Png(int width, int height)
    {
        byte[] file = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', .. new byte[17]];
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        return file;
    }

    private static byte[] Bmp(int width, int height)
    {
        var file = new byte[54];
        (file[0], file[1], file[14]) = ((byte)'B', (byte)'M', 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        return file;
    }

    [TestMethod]
    public void Sizes_AreRead()
    {
        Assert.AreEqual(new ImageHeader("JPEG", 500, 375), ImageHeader.Read(Jpeg(500, 375)));
        Assert.AreEqual(new ImageHeader("PNG", 70000, 3), ImageHeader.Read(Png(70000, 3)));
        Assert.AreEqual(new ImageHeader("BMP", 20, 10), ImageHeader.Read(Bmp(20, -10)));
    }

    [TestMethod]
    public void MoreThanTheLimit_IsRefused()
    {
        Assert.AreEqual(10_000, ImageHeader.Read(Png(10_000, 10_000)).Width);
        foreach (var file in new[] { Png(10_000, 10_001), Jpeg(65535, 65535), Bmp(int.MaxValue, int.MaxValue), Bmp(20_000, -20_000) })
            Assert.Contains("at most 100000000", Assert.ThrowsExactly<InvalidDataException>(() => ImageHeader.Read(file)).Message);
        Assert.ThrowsExactly<InvalidDataException>(() => ImageHeader.Read(Png(4, 4), maxPixels: 15));
    }

    [TestMethod]
    public void NoPixelsOrNoImage_IsRefused()
    {
        foreach (var file in new[] { Jpeg(0, 5), Png(5, 0), Png(-5, 5), Bmp(5, int.MinValue), [], [1, 2, 3], "GIF89a"u8.ToArray(), Jpeg(5, 5)[..12], Png(5, 5)[..30], Bmp(5, 5)[..20], [0xff, 0xd8, 0xff, 0xda, 0, 2] })
            Assert.ThrowsExactly<InvalidDataException>(() => ImageHeader.Read(file));
    }

    [TestMethod]
    public void MutatedHeaders_GiveInvalidDataOrASize()
    {
        var random = new Random(1);
        foreach (var file in new[] { Jpeg(500, 375), Png(33, 44), Bmp(3, 4) })
            for (var i = 0; i < 10_000; i++)
                try
                {
                    Assert.IsGreaterThan(0, ImageHeader.Read(Mutations.Mutate(file, random)).Width);
                }
                catch (InvalidDataException)
                {
                }
    }
}
