using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using static MLNet.ViTPruning.Tests.Components.TinyData;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

[TestClass]
public sealed class RecoveryTests
{
    private static readonly UnifiedPruningOptions Half = new() { AttentionKeepRatio = 0.5, MlpKeepRatio = 0.5, BatchSize = 8, Importance = ImportanceKind.Fisher };

    [TestMethod]
    [DataRow(RecoveryMethod.MeanShift)]
    [DataRow(RecoveryMethod.LeastSquares)]
    public void PruneViT_Recovers_AsChannelRecoveryDoesOnTheTrainingImages(RecoveryMethod method)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var rows = Rows(30);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(Half with { Recovery = new() { Method = method } })).Fit(data);
        var pruned = chain.LastTransformer;

        var plan = PruningPlan.FromJson(pruned.Plan!);
        using var expected = ModelSlicer.Slice(model, plan);
        var errors = ChannelRecovery.Recover(expected, model, plan, rows.Chunk(8).Select(Images), new RecoveryOptions { Method = method });
        foreach (var (name, weight) in expected.state_dict()) Assert.IsTrue(weight.allclose(pruned.Model.state_dict()[name], 1e-4, 1e-5), name);
        using var plain = ModelSlicer.Slice(model, plan);
        Assert.IsFalse(plain.state_dict()["blocks.1.mlp.fc2.bias"].allclose(expected.state_dict()["blocks.1.mlp.fc2.bias"]), "recovery changes the layers");

        var report = pruned.Pruning!;
        Assert.AreEqual(30, report.RecoveryImages);
        Assert.HasCount(4, report.Recovery);
        foreach (var (half, again) in report.Recovery.Zip(errors))
        {
            Assert.AreEqual(again.ErrorAfter, half.ErrorAfter, 1e-4);
            Assert.IsLessThan(half.ErrorBefore, half.ErrorAfter);
        }
    }

    [TestMethod]
    public void PruneViT_WithoutRecovery_LeavesTheWeightsThatSlicingGives()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(12));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(Half with { Recovery = new() { Method = RecoveryMethod.None } })).Fit(data);
        using var plain = ModelSlicer.Slice(model, PruningPlan.FromJson(chain.LastTransformer.Plan!));
        Assert.AreEqual(WeightsHash.Of(plain), WeightsHash.Of(chain.LastTransformer.Model));
        Assert.HasCount(0, chain.LastTransformer.Pruning!.Recovery);
        Assert.AreEqual(ImportanceKind.Fisher.ToString().ToLowerInvariant(), chain.LastTransformer.Pruning.Scores!.Importance);
    }

    [TestMethod]
    public void Progress_OfScoringAndRecovery_IsOneThatOnlyGrows()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(30));
        var all = new Reports();
        var own = new Reports();
        using var scored = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        using var pruned = ml.Transforms.PruneViT(Half with { Progress = all, Recovery = new() { Images = 16, Progress = own } }).Fit(scored.Transform(data));
        CollectionAssert.AreEqual(all.Values.Order().ToList(), all.Values);
        Assert.AreEqual(1, all.Values[^1], 1e-9);
        Assert.AreEqual(1, own.Values[^1], 1e-9);
        Assert.IsGreaterThan(own.Values.Count, all.Values.Count);
    }

    [TestMethod]
    public void Cancel_DuringRecovery_EndsTheFit()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(30));
        using var scored = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        using var cancel = new CancellationTokenSource();
        var options = Half with { CancellationToken = cancel.Token, Recovery = new() { Progress = new Reports(cancel) } };
        Assert.ThrowsExactly<OperationCanceledException>(() => ml.Transforms.PruneViT(options).Fit(scored.Transform(data)));
    }

    [TestMethod]
    public void Validate_TellsFaultsOfRecoveryWithTheOthers()
    {
        var error = Assert.ThrowsExactly<ArgumentException>((Half with { MlpKeepRatio = 2, Recovery = new() { Images = 0, Ridge = -1 } }).Validate);
        foreach (string name in (string[])["MlpKeepRatio", "Recovery.Images", "Recovery.Ridge"]) StringAssert.Contains(error.Message, name);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((Half with { Recovery = null! }).Validate).Message, "Recovery is null");
        Assert.AreEqual(ImportanceKind.Auto, new UnifiedPruningOptions().Importance);
    }

    private static Tensor Images(Row[] rows)
    {
        using var scope = NewDisposeScope();
        return tensor(rows.SelectMany(row => row.Image).ToArray()).reshape(rows.Length, 3, TinyData.Size, TinyData.Size).div(255).sub(0.5).div(0.5).MoveToOuterDisposeScope();    // [B, 3, 8, 8]
    }

    private sealed class Reports(CancellationTokenSource? cancel = null) : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value)
        {
            Values.Add(value);
            cancel?.Cancel();
        }
    }
}
