using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Tests.Models;
using MLNet.ViTPruning.Tests.Training;

namespace MLNet.ViTPruning.Tests.Pruning.Depth;

[TestClass]
public sealed class DepthFineTuneTests
{
    private static readonly DepthPruningOptions Options = new() { Removals = 2, Seed = 4, FineTune = new() { Epochs = 3, Images = 30, BatchSize = 10, LearningRate = 2e-3 } };

    [TestMethod]
    public void Prune_TrainsBetweenRemovals_TowardsTheOriginal_AndTellsItsProgress()
    {
        using var model = Model();
        using var images = SmallModels.Images(model.Configuration, 6, 7);
        string before = WeightsHash.Of(model);
        var labelled = new TestImages(40, side: 16, classes: 5);
        var told = new Reports();
        var tuned = DepthPruner.Prune(model, () => [images.clone()], Options with { Progress = told }, labelled);
        using var shorter = tuned.Model;
        Assert.IsFalse(shorter.training);
        Assert.AreEqual(before, WeightsHash.Of(model));
        Assert.AreEqual(before, tuned.Plan.WeightsHash);
        Assert.AreEqual(2 * 3 * 30, labelled.Reads, "the first images, every epoch after every removal");
        CollectionAssert.AreEqual(told.Values.Order().ToList(), told.Values);
        Assert.IsGreaterThan(15, told.Values.Count);
        Assert.AreEqual(1, told.Values[^1], 1e-9);

        using var cut = DepthSurgery.Apply(model, tuned.Plan);    // the same halves, nothing trained
        Assert.IsLessThan(SkippedHalves.Divergence(model, cut, images), SkippedHalves.Divergence(model, shorter, images));
        var again = DepthPruner.Prune(model, () => [images.clone()], Options, labelled);
        using var second = again.Model;
        Assert.AreEqual(WeightsHash.Of(shorter), WeightsHash.Of(second));
    }

    [TestMethod]
    public void Prune_CancelledWhileItTrains_EndsAndLeavesNothingBehind()
    {
        using var model = Model();
        using var images = SmallModels.Images(model.Configuration, 2, 7);
        void Run(int reports)
        {
            using var cancel = new CancellationTokenSource();
            var options = Options with { Progress = new Reports(cancel, reports), CancellationToken = cancel.Token };
            Assert.ThrowsExactly<OperationCanceledException>(() => DepthPruner.Prune(model, () => [images.clone()], options, new TestImages(40, side: 16, classes: 5)));
        }
        Run(1);
        long before = LiveTensors.AfterCollection();
        Run(2);
        Assert.AreEqual(before, LiveTensors.AfterCollection());
    }

    [TestMethod]
    public void Prune_WithoutTheImagesOrWithoutTheRecipe_SaysSo()
    {
        using var model = Model();
        string Refusal(DepthPruningOptions options, TestImages? images) => Assert.ThrowsExactly<ArgumentException>(() => DepthPruner.Prune(model, () => [], options, images)).Message;
        StringAssert.Contains(Refusal(Options, null), "FineTune needs labelled images");
        StringAssert.Contains(Refusal(Options with { FineTune = null }, new TestImages(4)), "no FineTune");
    }

    private static VisionModel Model() => SmallModels.Random(SmallModels.Vit(blocks: [new(2, 6, 20), new(3, 4, 16), new(2, 5, 24), new(1, 6, 12)]), 3);

    private sealed class Reports(CancellationTokenSource? cancel = null, int after = 0) : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value)
        {
            Values.Add(value);
            if (Values.Count == after) cancel?.Cancel();
        }
    }
}
