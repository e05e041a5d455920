using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using static MLNet.ViTPruning.Tests.Components.TinyData;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

[TestClass]
public sealed class StructuredDimapTests
{
    [TestMethod]
    [DataRow(AttentionUnit.Channels)]
    [DataRow(AttentionUnit.Heads)]
    public void Fit_ReadsNoRow_AndGivesWhatThePlannerAndTheSlicerGive(AttentionUnit unit)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var options = new StructuredDimapOptions { MlpKeepRatio = 0.5, AttentionKeepRatio = 0.5, AttentionUnit = unit };
        var rows = ml.Data.LoadFromEnumerable(Rows(4));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(options)).Fit(new UnreadableView(rows.Schema));
        var pruned = chain.LastTransformer;

        var plan = StructuredDimapPlanner.Plan(model, options);
        Assert.AreEqual(plan.ToJson(), pruned.Plan);
        using var expected = ModelSlicer.Slice(model, plan);
        Assert.AreEqual(WeightsHash.Of(expected), WeightsHash.Of(pruned.Model));
        Assert.AreEqual(24, pruned.Model.Configuration.Blocks.Sum(block => block.MlpHiddenDim));
        Assert.AreEqual("relative-distortion", pruned.Pruning!.Scores!.Importance);
        Assert.HasCount(0, pruned.Pruning.Recovery);
        foreach (var row in Read(ml, chain.Transform(rows))) AreClose(Expected(expected, Rows(4)[row.Id]), row.Score);
    }

    [TestMethod]
    public void Recovery_OnRequest_ReadsImages()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        var progress = new List<double>();
        var options = new StructuredDimapOptions { AttentionUnit = AttentionUnit.Heads, AttentionKeepRatio = 0.6, Recovery = new() { Images = 16 }, Progress = new Told(progress) };
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(options)).Fit(data);
        var report = chain.LastTransformer.Pruning!;
        Assert.AreEqual(16, report.RecoveryImages);
        Assert.IsTrue(report.Recovery.Count == 4 && report.Recovery.All(half => half.ErrorAfter <= half.ErrorBefore));
        Assert.AreEqual(1, progress[^1], 1e-9);
        Assert.ThrowsExactly<InvalidOperationException>(() => ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(options)).Fit(new UnreadableView(data.Schema)));
    }

    [TestMethod]
    public void APlanOfHeads_CanBeAppliedAgain_AndSurvivesTheModelFile()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(6));
        var options = new StructuredDimapOptions { AttentionUnit = AttentionUnit.Heads, AttentionKeepRatio = 0.6 };
        using var first = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(options)).Fit(data);
        using var stream = new MemoryStream();
        ml.Model.Save(first.CompactViT(), data.Schema, stream);
        stream.Position = 0;
        var loaded = ((IEnumerable<ITransformer>)ml.Model.Load(stream, out _)).Cast<ViTScoringTransformer>().Single();
        Assert.AreEqual(first.LastTransformer.Plan, loaded.Plan);
        var apply = new ApplyPlanOptions { Plan = PruningPlan.FromJson(loaded.Plan!), Recovery = new() { Method = RecoveryMethod.None } };
        using var again = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(apply)).Fit(data);
        Assert.AreEqual(WeightsHash.Of(loaded.Model), WeightsHash.Of(again.LastTransformer.Model));
        loaded.Dispose();
    }

    [TestMethod]
    public void DeadGroups_GoWithoutReadingARow_AndTheScoresStay()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        using (no_grad())
        {
            var weights = model.state_dict();
            weights["blocks.0.mlp.fc1.weight"].narrow(0, 3, 5).zero_();
            weights["blocks.1.attn.qkv.weight"].narrow(0, 32, 8).zero_();    // the values of head 0
        }
        model.WeightsChanged();
        var rows = ml.Data.LoadFromEnumerable(Rows(6));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(new DeadGroupOptions())).Fit(new UnreadableView(rows.Schema));
        var pruned = chain.LastTransformer;
        CollectionAssert.AreEqual(new DeadGroupCounts[] { new(0, 0, 0, 5), new(1, 1, 0, 0) }, pruned.Pruning!.DeadGroups.ToArray());
        Assert.AreEqual(new BlockConfiguration(1, 8, 24), pruned.Model.Configuration.Blocks.Last());
        foreach (var row in Read(ml, chain.Transform(rows))) AreClose(Expected(model, Rows(6)[row.Id]), row.Score);
        Assert.IsTrue(DeadGroupPlan.Is(pruned.Plan!));
        CollectionAssert.AreEqual(pruned.Pruning.DeadGroups.ToArray(), DeadGroupPlan.FromJson(pruned.Plan!).DeadGroups.ToArray());
        Assert.ThrowsExactly<InvalidDataException>(() => PruningPlan.FromJson(pruned.Plan!));
        Assert.ThrowsExactly<InvalidDataException>(() => DeadGroupPlan.FromJson("{}"));
    }

    [TestMethod]
    public void WhatCannotBeIsRefusedWhereTheEstimatorIsMade()
    {
        var ml = new MLContext();
        var error = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.PruneViT(new StructuredDimapOptions { MlpKeepRatio = 2, Budget = new(BudgetMeasure.Macs, 0.5) }));
        StringAssert.Contains(error.Message, "MlpKeepRatio is 2");
        StringAssert.Contains(error.Message, "Budget takes the place");
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(2));
        using var scored = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        Assert.ThrowsExactly<OperationCanceledException>(() => ml.Transforms.PruneViT(new StructuredDimapOptions { CancellationToken = cancel.Token }).Fit(scored.Transform(data)));
    }

    private sealed class Told(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
