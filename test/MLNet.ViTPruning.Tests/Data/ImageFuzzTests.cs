using MLNet.ViTPruning.Data;

namespace MLNet.ViTPruning.Tests.Data;

[TestClass]
public sealed class ImageFuzzTests
{
    [TestMethod]
    [DataRow("jpg")]
    [DataRow("png")]
    public void MutatedImages_GiveInvalidDataOrAnImage(string extension)
    {
        using var folder = new TempFolder();
        TestImages.Write(folder["image." + extension], 24, 20);
        var valid = File.ReadAllBytes(folder["image." + extension]);
        var random = new Random(20_11);
        var (decoded, refused) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var mutated = Mutate(valid, random);
            try
            {
                // A mutated size may claim up to the limit: kept low, so that the run stays quick.
                using var image = ImageDecoding.Decode(mutated, mutated.Length, "mutated", maxPixels: 1 << 20)!;
                Assert.AreEqual(4 * image.Width * image.Height, image.Pixels.Length);
                decoded++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(100, refused, $"{decoded} decoded");
    }

    private static byte[] Mutate(byte[] valid, Random random)
    {
        var bytes = valid.ToArray();
        for (var n = random.Next(1, 5); n > 0 && bytes.Length > 0; n--)
        {
            var at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Length) : bytes.Length);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: random.NextBytes(bytes.AsSpan(at, Math.Min(4, bytes.Length - at))); break;
                case 3: bytes = bytes[..at]; break;
                default: bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]]; break;
            }
        }
        return bytes;
    }
}
