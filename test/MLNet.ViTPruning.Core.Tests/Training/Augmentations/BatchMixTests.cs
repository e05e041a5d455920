using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training.Augmentations;

[TestClass]
public class BatchMixTests
{
    private static IEnumerable<BatchMix?> Draws(AugmentationOptions options, int size, int count = 2000) =>
        Enumerable.Range(0, count).Select(i => BatchMix.Draw(options, size, new CounterRandom(7, RandomPurpose.Batch, 0, i)));

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void CutMix_ReplacesTheBoxAndMixesTargetsByItsRealArea(int count)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var images = rand([count, 3, 16, 16], generator: generator);
        var targets = eye(count, 6);
        int mixed = 0;
        foreach (var mix in Draws(new AugmentationOptions { CutMix = new CutMix() }, 16, 40))
        {
            using var inner = NewDisposeScope();
            var (x, t) = (images.clone(), targets.clone());
            mix!.Apply(x, t);
            var (left, top, width, height) = mix.Box!.Value;
            Assert.IsTrue(left >= 0 && top >= 0 && left + width <= 16 && top + height <= 16);
            Assert.AreEqual(1 - width * height / 256.0, mix.Share, 1e-12);
            for (int i = 0; i < count; i++)
                for (int r = 0; r < 16; r++)
                    for (int c = 0; c < 16; c++)
                    {
                        bool inside = c >= left && c < left + width && r >= top && r < top + height;
                        Assert.AreEqual(images[inside ? count - 1 - i : i, 1, r, c].item<float>(), x[i, 1, r, c].item<float>());
                    }
            for (int i = 0; i < count; i++)
            {
                float own = i == count - 1 - i ? 1 : (float)mix.Share;
                Assert.AreEqual(own, t[i, i].item<float>(), 1e-6f);
                Assert.AreEqual(1, t[i].sum().item<float>(), 1e-6f);
            }
            mixed += width * height > 0 ? 1 : 0;
        }
        Assert.IsGreaterThan(20, mixed);
    }

    [TestMethod]
    public void CutMix_WithTheOwnPartLargerKeepsAtLeastHalf()
    {
        var shares = Draws(AugmentationOptions.UpVits, 224).Select(m => m!.Share).ToArray();
        Assert.IsTrue(shares.All(s => s >= 0.5 - 1e-12));
        // Before clipping the share is max(b, 1 - b) of Beta(1/2, 1/2), whose mean is 1/2 + 1/pi; clipping leaves more.
        Assert.IsTrue(shares.Average() is > 0.81 and < 0.95, $"{shares.Average()}");
    }

    [TestMethod]
    public void Mixup_BlendsImagesAndTargets()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var images = rand([5, 3, 4, 4], generator: generator);
        var targets = eye(5, 6);
        var (x, t) = (images.clone(), targets.clone());
        new BatchMix(0.3, null).Apply(x, t);
        for (int i = 0; i < 5; i++)
        {
            var expected = images[i] * 0.3 + images[4 - i] * 0.7;
            Assert.IsLessThan(1e-6f, (x[i] - expected).abs().max().item<float>());
            Assert.AreEqual(1, t[i].sum().item<float>(), 1e-6f);
            if (i != 2) Assert.AreEqual(0.3f, t[i, i].item<float>(), 1e-6f);
        }
    }

    [TestMethod]
    public void Draw_ChoosesOneOfBothByTheirShareAndThenByItsProbability()
    {
        var options = new AugmentationOptions { CutMix = new CutMix { Probability = 0.5 }, Mixup = new Mixup(), CutMixShare = 0.6 };
        var draws = Draws(options, 32, 20_000).ToArray();
        Assert.AreEqual(0.3, draws.Count(m => m?.Box is not null) / 20_000.0, 0.02);
        Assert.AreEqual(0.4, draws.Count(m => m is { Box: null }) / 20_000.0, 0.02);
        Assert.AreEqual(0.3, draws.Count(m => m is null) / 20_000.0, 0.02);
    }

    [TestMethod]
    public void Draw_GivesNothingWhereNothingIsOn() => Assert.IsTrue(Draws(AugmentationOptions.Cifar, 32).All(m => m is null));

    [TestMethod]
    public void Apply_LeavesNoTensor()
    {
        using var images = zeros(4, 3, 8, 8);
        using var targets = zeros(4, 2);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        new BatchMix(0.5, (1, 1, 4, 4)).Apply(images, targets);
        new BatchMix(0.5, null).Apply(images, targets);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
