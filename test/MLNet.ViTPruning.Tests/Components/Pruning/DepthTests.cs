using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Unified;
using static MLNet.ViTPruning.Tests.Components.TinyData;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

[TestClass]
public sealed class DepthTests
{
    private static readonly RecoveryOptions None = new() { Method = RecoveryMethod.None };
    private static readonly DepthPruningOptions One = new() { Removals = 1, ProxyImages = 12, BatchSize = 8, Recovery = None };

    [TestMethod]
    public void PruneViT_RemovesAPairOfHalves_AndThePlanIsSavedWithTheModel()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(One)).Fit(data);
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
    public void ApplyPlan_OfDepth_GivesTheSameModelAgainWithoutImages_AndIsRefusedForOtherWeights()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        using var other = Model(seed: 2);
        var data = ml.Data.LoadFromEnumerable(Rows(12));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(One)).Fit(data);
        var plan = DepthPlan.FromJson(chain.LastTransformer.Plan!);
        Assert.AreEqual(WeightsHash.Of(model), plan.WeightsHash);
        var empty = ml.Data.LoadFromEnumerable(Rows(0));
        using var again = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = plan, Recovery = None })).Fit(empty);
        Assert.AreEqual(WeightsHash.Of(chain.LastTransformer.Model), WeightsHash.Of(again.LastTransformer.Model));
        Assert.AreEqual(chain.LastTransformer.Plan, again.LastTransformer.Plan);
        Assert.AreEqual(plan.ToJson(), again.LastTransformer.Pruning!.Depth!.ToJson());
        var error = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.ScoreViT(Options(other)).Append(ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = plan, Recovery = None })).Fit(data));
        StringAssert.Contains(error.Message, "other weights");
    }

    [TestMethod]
    public void Recovery_OfTheCutAndOfItsPlan_GiveTheSameModel_NearerToTheOriginal()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        using var scored = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        var input = scored.Transform(data);
        var recovery = new RecoveryOptions { Images = 16 };
        using var recovered = ml.Transforms.PruneViT(One with { Recovery = recovery }).Fit(input);
        Assert.AreEqual(16, recovered.Pruning!.RecoveryImages);
        Assert.HasCount(2, recovered.Pruning.Recovery);
        foreach (var half in recovered.Pruning.Recovery) Assert.IsLessThanOrEqualTo(half.ErrorBefore, half.ErrorAfter);
        Assert.IsLessThan(recovered.Pruning.Recovery[0].ErrorBefore, recovered.Pruning.Recovery[0].ErrorAfter);
        using var again = ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = recovered.Pruning.Depth!, Recovery = recovery, BatchSize = 8 }).Fit(input);
        Assert.AreEqual(WeightsHash.Of(recovered.Model), WeightsHash.Of(again.Model));
        Assert.AreEqual(recovered.Plan, again.Plan);
    }

    [TestMethod]
    public void HiddenStates_OfTheBlocksThatRemain_TeachAModelWithoutSomeOfThem()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        var alone = new DistillOptions { LabelWeight = 0, Alpha = 0, HiddenWeight = 1, Epochs = 3, BatchSize = 5, LoaderThreads = 1, LearningRate = 1e-3 };
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(One)).Append(ml.Transforms.DistillViT(alone)).Fit(data);
        var epochs = chain.LastTransformer.Training!.Epochs;
        Assert.IsLessThan(epochs[0].TrainLoss, epochs[^1].TrainLoss);
    }

    [TestMethod]
    public void TwoPrunings_LeaveBothPlansInTheSavedModel()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(12));
        var channels = ml.Transforms.PruneViT(new UnifiedPruningOptions { Importance = ImportanceKind.Magnitude });
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(channels).Append(ml.Transforms.PruneViT(One)).Fit(data);
        var stream = new MemoryStream();
        ml.Model.Save(chain.CompactViT(), data.Schema, stream);
        stream.Position = 0;
        var loaded = ml.Model.Load(stream, out _);
        var plans = PlanHistory.FromJson(((IEnumerable<ITransformer>)loaded).OfType<ViTScoringTransformer>().Single().Plan!);
        ((IDisposable)loaded).Dispose();
        CollectionAssert.AreEqual(new[] { "unified", "depth" }, plans.Select(plan => plan.Method).ToArray());

        var pipeline = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = plans[0] })).Append(ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = plans[1], Recovery = None }));
        using var again = pipeline.Fit(data);
        Assert.AreEqual(WeightsHash.Of(chain.LastTransformer.Model), WeightsHash.Of(again.LastTransformer.Model));
        Assert.AreEqual(chain.LastTransformer.Plan, again.LastTransformer.Plan);
    }

    [TestMethod]
    public void FineTune_TrainsOnLabelledRowsOfTheData_AndNeedsThem()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        var options = One with { FineTune = new() { Epochs = 2, Images = 15, BatchSize = 5, LearningRate = 1e-3 } };
        using var scored = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        using var tuned = ml.Transforms.PruneViT(options).Fit(scored.Transform(data));
        using var again = ml.Transforms.PruneViT(options).Fit(scored.Transform(data));
        Assert.AreEqual(WeightsHash.Of(tuned.Model), WeightsHash.Of(again.Model));
        using var cut = DepthSurgery.Apply(model, tuned.Pruning!.Depth!);
        Assert.AreNotEqual(WeightsHash.Of(cut), WeightsHash.Of(tuned.Model));
        var unlabelled = ml.Transforms.DropColumns("Label").Fit(data).Transform(data);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.PruneViT(options).Fit(scored.Transform(unlabelled)));
        using var without = ml.Transforms.PruneViT(One).Fit(scored.Transform(unlabelled));
        Assert.AreEqual(1, without.Model.Configuration.Blocks.Count());
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
