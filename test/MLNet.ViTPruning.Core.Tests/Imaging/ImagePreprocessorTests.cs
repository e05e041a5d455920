using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Imaging.Resampling;

namespace MLNet.ViTPruning.Tests.Imaging;

[TestClass]
public sealed class ImagePreprocessorTests
{
    [TestMethod]
    [DataRow(Interpolation.BicubicPillow)]
    [DataRow(Interpolation.BicubicTorch)]
    [DataRow(Interpolation.Bilinear)]
    public void Run_OnAnImageOfTheModelsSize_OnlyNormalises(Interpolation interpolation)
    {
        var preprocessing = Preprocessing.ImageNet with { Interpolation = interpolation };
        var preprocessor = new ImagePreprocessor(preprocessing, 19);
        var pixels = TestData.Image(19, 19);
        var planar = new float[preprocessor.Length];
        preprocessor.Run(19, 19, pixels, planar);
        for (var c = 0; c < 3; c++)
            for (var i = 0; i < 19 * 19; i++)
                Assert.AreEqual((pixels[3 * i + c] / 255f - (float)preprocessing.Mean[c]) / (float)preprocessing.Std[c], planar[c * 19 * 19 + i]);
    }

    [TestMethod]
    [DataRow(Interpolation.BicubicPillow)]
    [DataRow(Interpolation.BicubicTorch)]
    [DataRow(Interpolation.Bilinear)]
    public void Run_OnOneColour_KeepsItAtEverySize(Interpolation interpolation)
    {
        foreach (var (width, height) in new[] { (1, 1), (1, 50), (50, 1), (3, 7), (64, 65), (200, 11) })
            foreach (var shorterSide in new int?[] { null, 16, 21 })
            {
                var preprocessor = new ImagePreprocessor(TestData.Plain(interpolation, shorterSide), 16);
                var pixels = new byte[width * height * 3];
                for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(i % 3 == 0 ? 255 : i % 3 == 1 ? 77 : 0);
                var planar = new float[preprocessor.Length];
                preprocessor.Run(width, height, pixels, planar);
                for (var i = 0; i < planar.Length; i++)
                    Assert.AreEqual(new[] { 1f, 77 / 255f, 0f }[i / 256], planar[i], 2e-6f, $"{width}x{height} {shorterSide} at {i}");
            }
    }

    [TestMethod]
    public void Run_ReadsNoPixelOutsideTheImage()
    {
        var preprocessor = new ImagePreprocessor(TestData.Plain(Interpolation.BicubicPillow), 12);
        var image = TestData.Image(33, 17);
        var padded = new byte[image.Length + 64];
        image.CopyTo(padded, 0);
        padded.AsSpan(image.Length).Fill(255);
        var (alone, inside) = (new float[preprocessor.Length], new float[preprocessor.Length]);
        preprocessor.Run(33, 17, image, alone);
        preprocessor.Run(33, 17, padded.AsSpan(0, image.Length), inside);
        CollectionAssert.AreEqual(alone, inside);
    }

    [TestMethod]
    public void Crop_FollowsTorchvisionsRounding()
    {
        Assert.AreEqual(new CropPlan(248, 330, 12, 53, 224), CropPlan.Create(375, 500, 248, 224));
        Assert.AreEqual(new CropPlan(251, 248, 14, 12, 224), CropPlan.Create(500, 494, 248, 224), "13.5 goes to the even 14");
        Assert.AreEqual(new CropPlan(224, 224, 0, 0, 224), CropPlan.Create(375, 500, null, 224));
    }

    [TestMethod]
    public void Run_OnAVeryLongImage_ComputesOnlyTheCrop()
    {
        var preprocessor = new ImagePreprocessor(TestData.Plain(Interpolation.BicubicPillow, 248), 224);
        var planar = new float[preprocessor.Length];
        preprocessor.Run(1, 20_000_000, new byte[60_000_000], planar);      // resized: 248 x 4,960,000,000
        Assert.IsTrue(planar.All(v => v == 0));
        preprocessor.Run(20_000_000, 1, new byte[60_000_000], planar);
        Assert.IsTrue(planar.All(v => v == 0));
    }

    [TestMethod]
    public void Layouts_GiveTheSameImage_AndAlphaIsDropped()
    {
        var rgb = TestData.Image(5, 4);
        var (rgba, bgra, planes) = (new byte[80], new byte[80], new byte[60]);
        for (var i = 0; i < 20; i++)
        {
            var (r, g, b) = (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
            (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]) = (r, g, b, (byte)i);
            (bgra[4 * i], bgra[4 * i + 1], bgra[4 * i + 2], bgra[4 * i + 3]) = (b, g, r, (byte)(255 - i));
            (planes[i], planes[20 + i], planes[40 + i]) = (r, g, b);
        }
        CollectionAssert.AreEqual(rgb, RgbImage.From(5, 4, PixelLayout.Rgba32, rgba).Pixels.ToArray());
        CollectionAssert.AreEqual(rgb, RgbImage.From(5, 4, PixelLayout.Bgra32, bgra).Pixels.ToArray());
        CollectionAssert.AreEqual(rgb, RgbImage.From(5, 4, PixelLayout.Rgb24, rgb).Pixels.ToArray());
        CollectionAssert.AreEqual(rgb, RgbImage.FromPlanar(5, 4, planes).Pixels.ToArray());
    }

    [TestMethod]
    public void Normalize_OfPlanes_EqualsRunOnTheSamePixels()
    {
        var preprocessor = new ImagePreprocessor(Preprocessing.ImageNet, 11);
        var pixels = TestData.Image(11, 11);
        var planes = new float[preprocessor.Length];
        for (var i = 0; i < pixels.Length; i++) planes[i % 3 * 121 + i / 3] = pixels[i];
        var (run, normalised) = (new float[preprocessor.Length], new float[preprocessor.Length]);
        preprocessor.Run(11, 11, pixels, run);
        preprocessor.Normalize(planes, normalised);
        CollectionAssert.AreEqual(run, normalised);
    }

    [TestMethod]
    public void Constructor_NamesEveryFaultAtOnce()
    {
        var fault = Assert.ThrowsExactly<ArgumentException>(() =>
            _ = new ImagePreprocessor(new() { ResizeShorterSide = -4, Mean = [1], Std = [0, 1, 1] }, 0));
        foreach (var part in new[] { "-4", "mean has 1", "std", "imageSize is 0" }) Assert.Contains(part, fault.Message);
        fault = Assert.ThrowsExactly<ArgumentException>(() => _ = new ImagePreprocessor(Preprocessing.Half with { ResizeShorterSide = 200 }, 224));
        Assert.Contains("200; expected at least the input size, 224", fault.Message);
    }

    [TestMethod]
    public void Sizes_ThatDoNotFit_AreRefused()
    {
        var preprocessor = new ImagePreprocessor(Preprocessing.Half, 8);
        Assert.ThrowsExactly<ArgumentException>(() => preprocessor.Run(2, 2, new byte[11], new float[192]));
        Assert.ThrowsExactly<ArgumentException>(() => preprocessor.Run(2, 2, new byte[12], new float[191]));
        Assert.ThrowsExactly<ArgumentException>(() => preprocessor.Run(0, 2, [], new float[192]));
        Assert.ThrowsExactly<ArgumentException>(() => preprocessor.Normalize(new float[191], new float[192]));
        Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(3, 3, new byte[26]));
        Assert.ThrowsExactly<InvalidDataException>(() => preprocessor.Run(1, 20_000_000, new byte[60_000_000], new float[192]));
    }

    [TestMethod]
    public void Run_FromManyThreads_GivesTheSameAsFromOne()
    {
        var preprocessor = new ImagePreprocessor(Preprocessing.ImageNet with { ResizeShorterSide = 24 }, 20);
        var sizes = Enumerable.Range(0, 400).Select(i => (Width: 20 + i % 37, Height: 20 + i % 23)).ToArray();
        float[] Prepare((int Width, int Height) size)
        {
            var planar = new float[preprocessor.Length];
            preprocessor.Run(size.Width, size.Height, TestData.Image(size.Width, size.Height), planar);
            return planar;
        }
        var expected = sizes.Select(Prepare).ToArray();
        var parallel = new float[sizes.Length][];
        Parallel.For(0, sizes.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => parallel[i] = Prepare(sizes[i]));
        for (var i = 0; i < sizes.Length; i++) CollectionAssert.AreEqual(expected[i], parallel[i]);
    }
}
