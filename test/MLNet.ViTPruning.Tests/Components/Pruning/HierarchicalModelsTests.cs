using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

/// <summary>Swin and PVTv2 through the same estimator and options as ViT.</summary>
[TestClass]
public sealed class HierarchicalModelsTests
{
    private const int Size = 16, Classes = 5;

    [TestMethod]
    [DataRow(ModelFamily.Swin)]
    [DataRow(ModelFamily.PvtV2)]
    public void PruneViT_CutsEveryComponent_SavesAndLoads_AndThePlanDoesItAgain(ModelFamily family)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model(family);
        var data = Data(ml);
        var options = new UnifiedPruningOptions { EmbedKeepRatio = 0.75, AttentionKeepRatio = 0.5, MlpKeepRatio = 0.5, ExactImages = 4, ExactImagePasses = 100, BatchSize = 8 };
        using var chain = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = model }).Append(ml.Transforms.PruneViT(options)).Fit(data);
        var pruned = chain.LastTransformer;
        foreach (var (was, became) in model.Configuration.Stages.Zip(pruned.Model.Configuration.Stages))
        {
            Assert.AreEqual(was.EmbedDim * 3 / 4, became.EmbedDim);
            foreach (var (before, after) in was.Blocks.Zip(became.Blocks)) Assert.AreEqual(new BlockConfiguration(before.Heads, before.HeadDim / 2, before.MlpHiddenDim / 2), after);
        }
        Assert.IsGreaterThan(0, pruned.Pruning!.Scores!.ExactChannels);

        using var file = new MemoryStream();
        ml.Model.Save(chain.CompactViT(), data.Schema, file);
        file.Position = 0;
        var loaded = ml.Model.Load(file, out _);
        var (expected, actual) = (Scores(ml, pruned.Transform(data)), Scores(ml, loaded.Transform(data)));
        foreach (var (a, b) in expected.Zip(actual)) TinyData.AreClose(a, b);

        var plan = (PruningPlan)PlanHistory.FromJson(pruned.Plan!).Single();
        Assert.AreEqual(24, plan.Scores!.ProxyImages);
        Assert.AreEqual(pruned.Pruning.Scores.ExactChannels, plan.Scores.ExactChannels);
        using var again = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = model }).Append(ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = plan, BatchSize = 8 })).Fit(data);
        foreach (var (a, b) in expected.Zip(Scores(ml, again.LastTransformer.Transform(data)))) TinyData.AreClose(a, b);
    }

    [TestMethod]
    [DataRow(ModelFamily.Swin)]
    [DataRow(ModelFamily.PvtV2)]
    public void PruneViT_KeepsABudget_AndRemovesDepth(ModelFamily family)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model(family);
        var data = Data(ml);
        long macs = Measurement.ModelSize.Of(model.Configuration).Macs;
        var score = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = model });
        using var budget = score.Append(ml.Transforms.PruneViT(new UnifiedPruningOptions { Budget = new(BudgetMeasure.Macs, 0.7), Importance = ImportanceKind.Fisher, BatchSize = 8 })).Fit(data);
        Assert.IsLessThanOrEqualTo(0.7 * macs, Measurement.ModelSize.Of(budget.LastTransformer.Model.Configuration).Macs);
        using var depth = score.Append(ml.Transforms.PruneViT(new DepthPruningOptions { Removals = 1, ProxyImages = 8, BatchSize = 8 })).Fit(data);
        Assert.HasCount(2, depth.LastTransformer.Pruning!.Depth!.RemovedHalves.ToList());
    }

    [TestMethod]
    public void PruneViT_ByMagnitude_WithoutRecovery_ReadsNoRow()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model(ModelFamily.Swin);
        var rows = new UnreadableView(Data(ml).Schema);
        foreach (var importance in (ImportanceKind[])[ImportanceKind.Magnitude, ImportanceKind.Random])
        {
            var options = new UnifiedPruningOptions { Importance = importance, Recovery = new() { Method = MLNet.ViTPruning.Pruning.Recovery.RecoveryMethod.None } };
            using var chain = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = model }).Append(ml.Transforms.PruneViT(options)).Fit(rows);
            Assert.IsNull(((PruningPlan)PlanHistory.FromJson(chain.LastTransformer.Plan!).Single()).Scores!.ProxyImages);
        }
    }

    private static VisionModel Model(ModelFamily family)
    {
        var model = VisionModel.Create(new ModelConfiguration
        {
            Family = family,
            ImageSize = Size,
            PatchSize = 2,
            WindowSize = family == ModelFamily.Swin ? 4 : 0,
            ReductionRatios = family == ModelFamily.PvtV2 ? [2, 1] : null,
            NumClasses = Classes,
            LabelNames = TinyData.Names,
            Stages = [new(8, [new(2, 4, 16), new(2, 4, 16)]), new(16, [new(4, 4, 24), new(4, 4, 24)])],
            Preprocessing = Preprocessing.Half,
        }, seed: 1);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        foreach (var parameter in model.parameters()) parameter.add_(randn(parameter.shape, generator: generator) * 0.2);
        model.eval();
        return model;
    }

    private static IDataView Data(MLContext ml)
    {
        var random = new Random(3);
        return ml.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(_ => new Row
        {
            Label = (uint)random.Next(Classes),
            Image = [.. Enumerable.Range(0, 3 * Size * Size).Select(_ => (float)random.Next(256))],
        }).ToList());
    }

    private static List<float[]> Scores(MLContext ml, IDataView view) => [.. ml.Data.CreateEnumerable<Scored>(view, reuseRowObject: false).Select(row => row.Score)];

    private sealed class Row
    {
        [KeyType(Classes)]
        public uint Label { get; set; }

        [VectorType(3 * Size * Size)]
        public float[] Image { get; set; } = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
