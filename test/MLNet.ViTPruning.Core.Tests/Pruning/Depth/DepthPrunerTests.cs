using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Recovery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.Depth;

[TestClass]
public sealed class DepthPrunerTests
{
    private static readonly RecoveryOptions None = new() { Method = RecoveryMethod.None };

    [TestMethod]
    [DataRow("vit", 3, 7)]
    [DataRow("mean", 3, 7)]
    [DataRow("distilled", 2, 7)]
    [DataRow("incomplete", 2, 3)]
    [DataRow("swin", 3, 15)]
    [DataRow("pvt", 2, 8)]
    public void Prune_DivergencesOfEveryStep_EqualNaiveRecomputation(string kind, int removals, int candidates)
    {
        using var model = DepthModels.Create(kind);
        using var images = DepthModels.Images(model, 5);
        var result = DepthPruner.Prune(model, Batches(images, 2), new DepthPruningOptions { Removals = removals, Recovery = None });
        using var shorter = result.Model;
        Assert.HasCount(candidates, result.Plan.Removals[0].Candidates);
        var gone = new List<BlockHalfId>();
        foreach (var removal in result.Plan.Removals)
        {
            foreach (var candidate in removal.Candidates)
            {
                using var naive = SkippedHalves.Of(model, [.. gone, candidate.First, candidate.Second]);
                double expected = SkippedHalves.Divergence(model, naive, images);
                Assert.AreEqual(expected, candidate.Divergence, 1e-9 * expected + 1e-12, $"{candidate.First}, {candidate.Second}");
            }
            Assert.AreEqual(removal.Candidates.Min(candidate => candidate.Divergence), removal.Removed.Divergence);
            gone.AddRange([removal.Removed.First, removal.Removed.Second]);
        }
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var skipping = SkippedHalves.Of(model, gone);
        Assert.IsLessThanOrEqualTo(1e-9, (skipping.forward(images) - shorter.forward(images)).abs().max().ToDouble());
        using var again = DepthSurgery.Apply(model, DepthPlan.FromJson(result.Plan.ToJson()));
        Assert.AreEqual(shorter.Configuration, again.Configuration);
        Assert.AreEqual(0, (again.forward(images) - shorter.forward(images)).abs().max().ToDouble());
    }

    [TestMethod]
    public void Prune_ABlockThatDoesNothing_GoesFirstAndCostsNothing()
    {
        using var plain = DepthModels.Create("vit");
        using var model = SkippedHalves.Of(plain, new BlockHalfId(2, BlockHalf.Attention), new BlockHalfId(2, BlockHalf.Mlp));
        using var images = DepthModels.Images(model, 4);
        var result = DepthPruner.Prune(model, Batches(images, 4), new DepthPruningOptions { Removals = 1, Recovery = None });
        using var shorter = result.Model;
        var removed = result.Plan.Removals[0].Removed;
        Assert.AreEqual(new BlockHalfId(2, BlockHalf.Attention), removed.First);
        Assert.AreEqual(new BlockHalfId(2, BlockHalf.Mlp), removed.Second);
        Assert.AreEqual(0, removed.Divergence, 1e-12);
        CollectionAssert.AreEqual(new BlockOrigin[] { new(0, 0), new(1, 1), new(3, 3) }, result.Plan.Blocks.ToArray());
    }

    [TestMethod]
    public void Prune_HalvesThatDoNothing_GoFirstAndLeaveAHybridBlock()
    {
        using var plain = DepthModels.Create("vit");
        using var model = SkippedHalves.Of(plain, new BlockHalfId(1, BlockHalf.Mlp), new BlockHalfId(2, BlockHalf.Attention));
        using var images = DepthModels.Images(model, 4);
        var result = DepthPruner.Prune(model, Batches(images, 4), new DepthPruningOptions { Removals = 1, Recovery = None });
        using var shorter = result.Model;
        Assert.IsTrue(result.Plan.Removals[0].Removed.LeavesHybrid);
        CollectionAssert.AreEqual(new BlockOrigin[] { new(0, 0), new(1, 2), new(3, 3) }, result.Plan.Blocks.ToArray());
    }

    [TestMethod]
    public void Prune_ToAShareOfMacs_StopsAsSoonAsItIsReached()
    {
        using var model = DepthModels.Create("swin");
        using var images = DepthModels.Images(model, 2);
        var result = DepthPruner.Prune(model, Batches(images, 2), new DepthPruningOptions { MacsKeepRatio = 0.7, Recovery = None });
        using var shorter = result.Model;
        double Share(VisionModel other) => (double)ModelSize.Of(other.Configuration).Macs / ModelSize.Of(model.Configuration).Macs;
        Assert.IsLessThanOrEqualTo(0.7, Share(shorter));
        using var before = DepthSurgery.Remove(model, result.Plan.Removals.SkipLast(1).SelectMany(r => new[] { r.Removed.First, r.Removed.Second }));
        Assert.IsGreaterThan(0.7, Share(before));
    }

    [TestMethod]
    public void Prune_CallsAfterRemovalAndGoesOnWithWhatItReturns()
    {
        using var model = DepthModels.Create("vit");
        using var images = DepthModels.Images(model, 2);
        var depths = new List<int>();
        var result = DepthPruner.Prune(model, Batches(images, 2), new DepthPruningOptions
        {
            Removals = 2,
            AfterRemoval = shorter =>
            {
                depths.Add(shorter.Configuration.Blocks.Count());
                using var noGrad = no_grad();
                var trained = shorter.Copy();
                foreach (var parameter in trained.parameters()) parameter.mul_(0.5);
                trained.train();
                shorter.Dispose();
                return trained;
            },
        });
        using var final = result.Model;
        CollectionAssert.AreEqual(new[] { 3, 2 }, depths);
        Assert.IsFalse(final.training);
        using var scope = NewDisposeScope();
        Assert.AreEqual(0, (final.state_dict()["norm.weight"] - model.state_dict()["norm.weight"] * 0.25).abs().max().ToDouble());
        Assert.ThrowsExactly<ArgumentException>(() => DepthPruner.Prune(model, Batches(images, 2), new DepthPruningOptions
        {
            Removals = 1,
            AfterRemoval = shorter =>
            {
                shorter.Dispose();
                return model.Copy();
            },
        }));
    }

    [TestMethod]
    public void Prune_RefusesWhatCannotBe_ByName()
    {
        using var model = DepthModels.Create("swin");
        using var images = DepthModels.Images(model, 3);
        string Refusal(DepthPruningOptions options, Func<IEnumerable<Tensor>>? proxies = null) =>
            Assert.ThrowsExactly<ArgumentException>(() => DepthPruner.Prune(model, proxies ?? Batches(images, 2), options).Model.Dispose()).Message;
        StringAssert.Contains(Refusal(new DepthPruningOptions()), "either Removals or MacsKeepRatio");
        StringAssert.Contains(Refusal(new DepthPruningOptions { Removals = 7 }), "can give up 6");
        StringAssert.Contains(Refusal(new DepthPruningOptions { MacsKeepRatio = 0.1 }), "MacsKeepRatio is 0.1; without any block");
        StringAssert.Contains(Refusal(new DepthPruningOptions { Removals = 1 }, () => []), "no proxy images");
        int calls = 0;
        StringAssert.Contains(Refusal(new DepthPruningOptions { Removals = 1 }, () => Batches(images, calls++ == 0 ? 2 : 3)()), "other batches");
    }

    [TestMethod]
    public void Prune_LeavesTheModelAsItWasAndNoTensorsBehind()
    {
        using var model = DepthModels.Create("vit");
        using var images = DepthModels.Images(model, 3);
        model.train();
        void Run() => DepthPruner.Prune(model, Batches(images, 2), new DepthPruningOptions { Removals = 2 }).Model.Dispose();
        Run();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.IsTrue(model.training);
    }

    [TestMethod]
    [DataRow("{}")]
    [DataRow("{\"method\":\"unified\"}")]
    [DataRow("{\"method\":\"depth\"}")]
    [DataRow("[")]
    [DataRow("3")]
    public void FromJson_OfABrokenPlan_Throws(string json) => Assert.ThrowsExactly<InvalidDataException>(() => DepthPlan.FromJson(json));

    private static Func<IEnumerable<Tensor>> Batches(Tensor images, int size) => () => DepthModels.Batches(images, size);
}
