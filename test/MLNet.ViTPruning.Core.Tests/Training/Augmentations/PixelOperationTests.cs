using System.Text.Json.Nodes;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Tests.Imaging;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Tests.Training.Augmentations;

[TestClass]
public class PixelOperationTests
{
    private static ImageCanvas Canvas(int width, int height, byte[] pixels)
    {
        var canvas = new ImageCanvas();
        canvas.Load(new RgbImage(width, height, pixels));
        return canvas;
    }

    private static PixelOperation Operation(string name) => PixelOperation.All.Single(o => o.Name == name);

    [TestMethod]
    public void Apply_EqualsTorchvisionForEachOperationAndStrength()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "augmentation");
        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "randaugment.json")))!;
        byte[] results = File.ReadAllBytes(Path.Combine(folder, "randaugment.bin"));
        var (width, height) = ((int)index["width"]!, (int)index["height"]!);
        int length = width * height * 3, at = 0;
        var seen = new HashSet<string>();
        foreach (var @case in index["cases"]!.AsArray())
        {
            var operation = Operation((string)@case!["name"]!);
            seen.Add(operation.Name);
            double strength = (double)@case["strength"]!, magnitude = (int)@case["magnitude"]! / 30.0;
            byte[] pixels = TestData.Image(width, height);
            if ((bool)@case["dim"]!) pixels = Array.ConvertAll(pixels, v => (byte)(v / 2 + 30));
            var canvas = Canvas(width, height, pixels);
            // torchvision's table is in single precision, and it cuts translations down where it applies them
            double expected = operation.Name.StartsWith("Translate") ? Math.Truncate(strength) : strength;
            Assert.AreEqual(expected, operation.Strength(magnitude, width, height) * (strength < 0 ? -1 : 1), 1e-5, $"{@case}");
            operation.Apply(canvas, expected);
            int wrong = 0;
            for (int i = 0; i < length; i++) wrong += canvas.Pixels[i] != results[at + i] ? 1 : 0;
            Assert.AreEqual(0, wrong, $"{@case}: {wrong} of {length} values differ.");
            at += length;
        }
        Assert.AreEqual(at, results.Length);
        Assert.HasCount(14, seen);
    }

    [TestMethod]
    public void Apply_AtMagnitudeZeroIsTheIdentity()
    {
        // Solarize at 0 still inverts 255, in torchvision too.
        byte[] pixels = Array.ConvertAll(TestData.Image(33, 21), v => Math.Min(v, (byte)254));
        foreach (var operation in PixelOperation.All.Where(o => o.Name is not ("AutoContrast" or "Equalize")))
        {
            var canvas = Canvas(33, 21, pixels);
            operation.Apply(canvas, operation.Strength(0, 33, 21));
            CollectionAssert.AreEqual(pixels, canvas.Pixels.ToArray(), operation.Name);
        }
    }

    [TestMethod]
    public void Apply_KeepsTheSizeOfAnyImage()
    {
        foreach (var (width, height) in new[] { (1, 1), (1, 7), (5, 1), (2, 2), (3, 3), (40, 9) })
            foreach (var operation in PixelOperation.All)
                foreach (int sign in new[] { 1, -1 })
                {
                    var canvas = Canvas(width, height, TestData.Image(width, height));
                    double strength = operation.Strength(1, width, height);
                    operation.Apply(canvas, operation.Signed ? sign * strength : strength);
                    Assert.AreEqual((width, height), (canvas.Width, canvas.Height));
                }
    }

    [TestMethod]
    public void Rotate_ByAQuarterMovesTheRightToTheTop()
    {
        byte[] pixels = TestData.Image(6, 6);
        var canvas = Canvas(6, 6, pixels);
        AffineOperations.Rotate(canvas, 90);
        for (int y = 0; y < 6; y++)
            for (int x = 0; x < 6; x++) Assert.AreEqual(pixels[(x * 6 + 5 - y) * 3], canvas.Pixels[(y * 6 + x) * 3]);
    }

    [TestMethod]
    public void AutoContrast_StretchesAndLeavesASingleValueAlone()
    {
        var canvas = Canvas(2, 1, [50, 9, 0, 101, 9, 255]);
        TableOperations.AutoContrast(canvas);
        CollectionAssert.AreEqual(new byte[] { 0, 9, 0, 255, 9, 255 }, canvas.Pixels.ToArray());
    }

    [TestMethod]
    public void Run_DrawsEachOperationAlikeAndSkipsByProbability()
    {
        var options = new RandAugment { Operations = 1, Magnitude = 15, Probability = 0.5 };
        byte[] pixels = TestData.Image(16, 12);
        int same = 0;
        for (int i = 0; i < 4000; i++)
        {
            var canvas = Canvas(16, 12, pixels);
            var random = new CounterRandom(1, RandomPurpose.Image, 0, i);
            PixelOperation.Run(options, canvas, ref random);
            same += canvas.Pixels.SequenceEqual(pixels) ? 1 : 0;
        }
        // half are not done; of the others identity, and autocontrast and equalize of an image that already uses 0 to 255, change nothing
        double expected = 0.5 + 0.5 * PixelOperation.All.Count(o =>
        {
            var canvas = Canvas(16, 12, pixels);
            o.Apply(canvas, o.Strength(0.5, 16, 12));
            return canvas.Pixels.SequenceEqual(pixels);
        }) / 14.0;
        Assert.AreEqual(expected, same / 4000.0, 0.03);
    }
}
