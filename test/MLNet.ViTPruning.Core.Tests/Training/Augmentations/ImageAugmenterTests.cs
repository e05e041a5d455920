using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training.Augmentations;

/// <summary>Augmentations as they reach a model, through the loader.</summary>
[TestClass]
public class ImageAugmenterTests
{
    private static BatchLoader Loader(ITrainingImages images, AugmentationOptions augmentation, int size, Interpolation interpolation, int threads = 2, ulong seed = 3) =>
        new(images, TestImages.Model(size, interpolation), new TrainingOptions { BatchSize = 7, LoaderThreads = threads, Augmentation = augmentation }, seed, CPU);

    private static Dictionary<int, float[]> ByIndex(IEnumerable<TrainingBatch> batches)
    {
        var images = new Dictionary<int, float[]>();
        foreach (var batch in batches)
            using (batch)
            {
                using var values = batch.Images.data<float>();
                int i = 0;
                foreach (var image in values.ToArray().Chunk((int)values.Count / batch.Indices.Length)) images.Add(batch.Indices[i++], image);
            }
        return images;
    }

    private static void AreClose(Dictionary<int, float[]> expected, Dictionary<int, float[]> actual, float tolerance)
    {
        Assert.HasCount(expected.Count, actual);
        foreach (var (index, image) in expected)
            for (int k = 0; k < image.Length; k++) Assert.AreEqual(image[k], actual[index][k], tolerance, $"image {index}, value {k}");
    }

    [TestMethod]
    [DataRow(Interpolation.BicubicPillow, 1e-5f)]
    [DataRow(Interpolation.Bilinear, 1e-5f)]
    [DataRow(Interpolation.BicubicTorch, 0.51f / 255 / 0.25f)]      // rounded to 8 bits, as crops are
    public void RandomResizedCrop_OfTheWholeImageIsThePlainResize(Interpolation interpolation, float tolerance)
    {
        var whole = new AugmentationOptions { RandomResizedCrop = new RandomResizedCrop { MinArea = 1, MinAspectRatio = 1, MaxAspectRatio = 1 } };
        using var loader = Loader(new TestImages(15, 20), whole, 16, interpolation);
        AreClose(ByIndex(loader.InOrder()), ByIndex(loader.Epoch(0)), tolerance);
    }

    [TestMethod]
    [DataRow("cifar-strong", Interpolation.BicubicTorch)]
    [DataRow("imagenet", Interpolation.BicubicPillow)]
    [DataRow("imagenet", Interpolation.BicubicTorch)]
    public void Epoch_IsTheSameForAnyNumberOfThreadsAndFromAnyBatch(string preset, Interpolation interpolation)
    {
        var augmentation = AugmentationOptions.Presets[preset];
        using var one = Loader(new TestImages(40, 24), augmentation, 16, interpolation, 1);
        using var five = Loader(new TestImages(40, 24), augmentation, 16, interpolation, 5);
        var (a, b) = (ByIndex(one.Epoch(1)), ByIndex(five.Epoch(1)));
        AreClose(a, b, 0);
        var resumed = ByIndex(five.Epoch(1, 3));
        AreClose(resumed, a.Where(p => resumed.ContainsKey(p.Key)).ToDictionary(), 0);
        Assert.HasCount(40 - 3 * 7, resumed);
    }

    [TestMethod]
    public void Epoch_ChangesImagesWithEpochAndSeedAndInOrderDoesNot()
    {
        using var loader = Loader(new TestImages(20, 16), AugmentationOptions.Cifar, 16, Interpolation.BicubicTorch);
        using var other = Loader(new TestImages(20, 16), AugmentationOptions.Cifar, 16, Interpolation.BicubicTorch, seed: 4);
        int Equal(Dictionary<int, float[]> a, Dictionary<int, float[]> b) => a.Count(p => p.Value.SequenceEqual(b[p.Key]));
        var first = ByIndex(loader.Epoch(0));
        Assert.IsLessThan(4, Equal(first, ByIndex(loader.Epoch(1))));
        Assert.IsLessThan(4, Equal(first, ByIndex(other.Epoch(0))));
        Assert.AreEqual(20, Equal(ByIndex(loader.InOrder()), ByIndex(other.InOrder())));
    }

    [TestMethod]
    public void RandomErasing_FillsOneRectangleOfTheNormalisedImage()
    {
        var erasing = new AugmentationOptions { RandomErasing = new RandomErasing { Probability = 1, Fill = ErasingFill.Zeros } };
        using var loader = Loader(new TestImages(30, 16), erasing, 16, Interpolation.BicubicTorch);
        var (plain, erased) = (ByIndex(loader.InOrder()), ByIndex(loader.Epoch(0)));
        foreach (var (index, image) in plain)
        {
            // generated images have no pixel that normalises to exactly zero in all three channels
            var filled = Enumerable.Range(0, 256).Where(p => erased[index][p] == 0 && erased[index][256 + p] == 0 && erased[index][512 + p] == 0).ToList();
            var (width, height) = (filled.Max(p => p % 16) - filled.Min(p => p % 16) + 1, filled.Max(p => p / 16) - filled.Min(p => p / 16) + 1);
            Assert.AreEqual(width * height, filled.Count);
            for (int p = 0; p < 256; p++)
                if (!filled.Contains(p))
                    for (int c = 0; c < 3; c++) Assert.AreEqual(image[c * 256 + p], erased[index][c * 256 + p]);
        }
    }

    [TestMethod]
    public void HorizontalFlip_OfProbabilityOneMirrorsEachImage()
    {
        using var loader = Loader(new TestImages(9, 16), new AugmentationOptions { HorizontalFlip = 1 }, 16, Interpolation.BicubicTorch);
        var (plain, flipped) = (ByIndex(loader.InOrder()), ByIndex(loader.Epoch(0)));
        foreach (var (index, image) in plain)
            for (int k = 0; k < image.Length; k++) Assert.AreEqual(image[k], flipped[index][k / 16 * 16 + 15 - k % 16]);
    }

    [TestMethod]
    public void Epoch_WithEverythingOnLeavesNoTensor()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var loader = Loader(new TestImages(30, 24), AugmentationOptions.ImageNet, 16, Interpolation.BicubicPillow)) ByIndex(loader.Epoch(0));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
