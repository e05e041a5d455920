using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Unified;
using static MLNet.ViTPruning.Tests.Components.TinyData;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

[TestClass]
public sealed class DepthTests
{
    [TestMethod]
    public void PruneViT_RemovesAPairOfHalves_AndThePlanIsSavedWithTheModel()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(new DepthPruningOptions { Removals = 1, ProxyImages = 12, BatchSize = 8 })).Fit(data);
        var pruned = chain.LastTransformer;
        Assert.AreEqual(1, pruned.Model.Configuration.Blocks.Count());
        var plan = DepthPlan.FromJson(pruned.Plan!);
        Assert.AreEqual(12, plan.Images);
        Assert.HasCount(3, plan.Removals.Single().Candidates);
        Assert.AreEqual(plan.Removals[0].Candidates.Min(candidate => candidate.Divergence), plan.Removals[0].Removed.Divergence);
        using var expected = DepthSurgery.Apply(model, plan);
        Assert.AreEqual(WeightsHash.Of(expected), WeightsHash.Of(pruned.Model));
        Assert.AreEqual(pruned.Plan, pruned.Pruning!.Depth!.ToJson());

        var stream = new MemoryStream();
        ml.Model.Save(chain.CompactViT(), data.Schema, stream);
        stream.Position = 0;
        var loaded = ml.Model.Load(stream, out _);
        Assert.AreEqual(pruned.Plan, ((IEnumerable<ITransformer>)loaded).OfType<ViTScoringTransformer>().Single().Plan);
        foreach (var (a, b) in Read(ml, chain.Transform(data)).Zip(Read(ml, loaded.Transform(data)))) CollectionAssert.AreEqual(a.Score, b.Score);
        ((IDisposable)loaded).Dispose();
    }

    [TestMethod]
    public void PruneViT_AskedForMoreThanTheModelHas_SaysSo_AndScoresNoChannels()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(8));
        using var scored = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        var estimator = ml.Transforms.PruneViT(new DepthPruningOptions { Removals = 2 });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => estimator.Fit(scored.Transform(data))).Message, "Removals is 2");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => estimator.Score(scored.Transform(data))).Message, nameof(UnifiedPruningOptions));
        Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.PruneViT(new DepthPruningOptions()));
    }
}
