using System.Buffers.Binary;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Images;

[TestClass]
public class BrokenImageTests
{
    [TestMethod]
    [DataRow(".jpg")]
    [DataRow(".png")]
    [DataRow(".bmp")]
    public void MutatedFiles_GiveAnImageOrAnException_NeverACrash(string extension)
    {
        using var image = TestImages.Gradient(61, 47);
        var file = extension == ".bmp" ? TestImages.Bmp([[(1, 2, 3), (4, 5, 6)], [(7, 8, 9), (1, 1, 1)]]) : image.Encode(extension);
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 400; i++)
        {
            var bytes = (byte[])file.Clone();
            for (var k = random.Next(1, 10); k > 0; k--)
                bytes[random.Next(3) == 0 ? random.Next(Math.Min(64, bytes.Length)) : random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
            if (LooksHuge(bytes)) continue;
            try
            {
                using var loaded = MLImage.CreateFromStream(new MemoryStream(bytes));
                Assert.AreEqual(loaded.Width * loaded.Height * 4, loaded.Pixels.Length);
            }
            catch (Exception e) when (e is not (AssertFailedException or NullReferenceException or IndexOutOfRangeException or OutOfMemoryException))
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(0, refused);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("not an image, but long enough to be looked at as one")]
    public void OtherBytes_Throw(string text) =>
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromStream(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text))));

    [TestMethod]
    public void MissingFile_Throws() => Assert.Throws<Exception>(() => MLImage.CreateFromFile("no such file.png"));

    [TestMethod]
    public void PngWhoseHeaderAnnounces10GigaPixels_ThrowsBeforeTakingMemory()
    {
        using var image = TestImages.Gradient(3, 3);
        var file = image.Encode(".png");
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), 100_000);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), 100_000);

        var before = GC.GetTotalAllocatedBytes();
        Assert.Throws<Exception>(() => MLImage.CreateFromStream(new MemoryStream(file)));
        Assert.IsLessThan(100L << 20, GC.GetTotalAllocatedBytes() - before);
    }

    // Files that announce gigabytes are the matter of the test above.
    private static bool LooksHuge(byte[] b) =>
        (b.Length > 24 && b[0] == 0x89 && (BinaryPrimitives.ReadUInt32BigEndian(b.AsSpan(16)) > 5000 || BinaryPrimitives.ReadUInt32BigEndian(b.AsSpan(20)) > 5000))
        || (b.Length > 26 && b[0] == 'B' && (Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(b.AsSpan(18))) > 5000 || Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(b.AsSpan(22))) > 5000));
}
