using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;
using static MLNet.ViTPruning.Tests.Components.TinyData;

namespace MLNet.ViTPruning.Tests.Components;

[TestClass]
public sealed class PruneViTTests
{
    private static readonly UnifiedPruningOptions Half = new() { AttentionKeepRatio = 0.5, MlpKeepRatio = 0.5, BatchSize = 8 };

    [TestMethod]
    public void Chain_PrunesThePhysicalModel_AndOnlyTheLastStageScores()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var rows = Rows(30);
        var data = ml.Data.LoadFromEnumerable(rows);
        var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(Half));
        var fitted = chain.Fit(data);
        var stages = fitted.Cast<ViTScoringTransformer>().ToList();

        Assert.IsTrue(stages[1].Model.Configuration.Blocks.All(b => b == new BlockConfiguration(2, 4, 12)));
        Assert.AreSame(stages[0].Model, stages[1].Handle.First);
        var view = fitted.Transform(data);
        stages[0].Dispose();    // a forward pass of the first stage would fail
        foreach (var row in Read(ml, view)) AreClose(Expected(stages[1].Model, rows[row.Id]), row.Score);
        stages[1].Dispose();
    }

    [TestMethod]
    public void Chain_WithCacheCheckpointAndCopiedScore_WorksAsInMLNet()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var rows = Rows(30);
        var data = ml.Data.LoadFromEnumerable(rows);
        var chain = ml.Transforms.ScoreViT(Options(model))
            .AppendCacheCheckpoint(ml)
            .Append(ml.Transforms.CopyColumns("DenseScore", "Score"))
            .Append(ml.Transforms.PruneViT(Half));
        using var fitted = chain.Fit(data);
        var view = fitted.Transform(data);
        using var cursor = view.GetRowCursor([view.Schema["DenseScore"], view.Schema["Score"]]);
        var dense = cursor.GetGetter<VBuffer<float>>(view.Schema["DenseScore"]);
        var score = cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]);
        VBuffer<float> a = default, b = default;
        int row = 0;
        while (cursor.MoveNext())
        {
            dense(ref a);
            score(ref b);
            AreClose(Expected(model, rows[row++]), a.DenseValues().ToArray());
            Assert.AreNotEqual(a.DenseValues().First(), b.DenseValues().First());
        }
        Assert.AreEqual(30, row);
        // The copy is read, so its stage must stay.
        Assert.AreSame(fitted, fitted.CompactViT());
    }

    [TestMethod]
    public void CrossValidate_RunsThePipelinePerFold()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(40));
        var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(Half));
        var folds = ml.MulticlassClassification.CrossValidate(data, chain, numberOfFolds: 3);
        Assert.HasCount(3, folds);
        Assert.IsTrue(folds.All(fold => fold.Metrics.MicroAccuracy is >= 0 and <= 1));
    }

    [TestMethod]
    public void CompactViT_KeepsOneSetOfWeights_AndTheSameScores()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        var inner = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(Half));
        var chain = ml.Transforms.CopyColumns("Identity", "Id").Append(inner).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"));
        using var fitted = chain.Fit(data);

        var compact = fitted.CompactViT();

        Assert.HasCount(1, ((IEnumerable<ITransformer>)compact).OfType<ViTScoringTransformer>().ToList());
        Assert.AreSame(compact, compact.CompactViT());
        var (whole, small) = (Saved(ml, fitted, data.Schema), Saved(ml, compact, data.Schema));
        Assert.IsLessThan(whole.Length * 0.7, (double)small.Length);
        var loaded = ml.Model.Load(new MemoryStream(small), out _);
        foreach (var (a, b) in Read(ml, fitted.Transform(data)).Zip(Read(ml, loaded.Transform(data)))) CollectionAssert.AreEqual(a.Score, b.Score);
    }

    [TestMethod]
    public void CompactViT_DropsAStageBehindWhichOtherColumnsAreMade()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.CopyColumns("Identity", "Id")).Append(ml.Transforms.PruneViT(Half));
        using var fitted = chain.Fit(data);
        Assert.HasCount(2, ((IEnumerable<ITransformer>)fitted.CompactViT()).ToList());
    }

    [TestMethod]
    public void PruneViT_WithoutAModelUpstream_NamesTheRemedy()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Rows(3));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => ml.Transforms.PruneViT(Half).Fit(data)).Message, "ScoreViT");
        var chain = ml.Transforms.CopyColumns("Identity", "Id").Append(ml.Transforms.PruneViT(Half));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => chain.Fit(data)).Message, "ScoreViT");
    }

    [TestMethod]
    public void PruneViT_WithLabelsOfOtherClasses_Refuses()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(6));
        var named = ml.Transforms.CopyColumns("Kind", "Id")
            .Append(ml.Transforms.Conversion.ConvertType("Kind", outputKind: DataKind.String))
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Kind"));
        var labelled = named.Fit(data).Transform(data);
        using var transformer = ml.Transforms.ScoreViT(Options(model)).Fit(labelled);
        var error = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.PruneViT(Half).Fit(transformer.Transform(labelled)));
        StringAssert.Contains(error.Message, "no class name in common");
    }

    [TestMethod]
    public void Fit_TwiceWithOneSeed_GivesEqualWeights_AndLeavesTheGlobalGeneratorAlone()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(30));
        using var transformer = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        var scored = transformer.Transform(data);
        using var state = TorchSharp.torch.get_rng_state();
        var estimator = ml.Transforms.PruneViT(Half with { ProxyImages = 10 });
        using var first = estimator.Fit(scored);
        using var second = estimator.Fit(scored);
        foreach (var (name, weight) in first.Model.state_dict()) Assert.IsTrue(weight.allclose(second.Model.state_dict()[name], 0, 0), name);
        using var after = TorchSharp.torch.get_rng_state();
        Assert.IsTrue(state.allclose(after, 0, 0));
    }

    [TestMethod]
    public void ApplyPlan_GivesTheSameModelAgain_AndIsRefusedForOtherWeights()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        using var other = Model(seed: 2);
        var data = ml.Data.LoadFromEnumerable(Rows(12));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(Half with { EmbedKeepRatio = 0.5 })).Fit(data);
        var pruned = chain.LastTransformer;
        var plan = PruningPlan.FromJson(pruned.Plan!);
        Assert.AreEqual(8, pruned.Model.Configuration.NumFeatures);
        Assert.AreEqual(WeightsHash.Of(model), plan.WeightsHash);

        using var again = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = plan, BatchSize = Half.BatchSize })).Fit(data);
        Assert.AreEqual(WeightsHash.Of(pruned.Model), WeightsHash.Of(again.LastTransformer.Model));
        Assert.AreEqual(pruned.Plan, again.LastTransformer.Plan);
        var error = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.ScoreViT(Options(other)).Append(ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = plan })).Fit(data));
        StringAssert.Contains(error.Message, "other weights");
    }

    [TestMethod]
    [DataRow(ImportanceKind.Auto)]
    [DataRow(ImportanceKind.Taylor)]
    [DataRow(ImportanceKind.Magnitude)]
    public void PruneViT_WithEachImportance_TellsItInThePlan(ImportanceKind kind)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(12));
        using var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(Half with { Importance = kind })).Fit(data);
        Assert.AreEqual(kind.ToString().ToLowerInvariant(), PruningPlan.FromJson(chain.LastTransformer.Plan!).Importance);
    }

    [TestMethod]
    public void ProxyImages_AreDrawnClassByClass()
    {
        var classes = Enumerable.Range(0, 100).Select(i => i < 90 ? 1UL : 2UL + (ulong)(i % 2)).ToList();
        var rows = ClassBalancedDraw.Choose(classes, 12, seed: 4);
        Assert.HasCount(12, rows);
        foreach (ulong c in new[] { 1UL, 2UL, 3UL }) Assert.AreEqual(4, rows.Count(r => classes[(int)r] == c));
        Assert.IsTrue(rows.SequenceEqual(ClassBalancedDraw.Choose(classes, 12, seed: 4)));
        CollectionAssert.AreEqual(rows.Take(5).ToArray(), ClassBalancedDraw.Choose(classes, 5, seed: 4).ToArray(), "fewer are the first of more");
        Assert.HasCount(100, ClassBalancedDraw.Choose(classes, 500, seed: 4));
    }

    private static byte[] Saved(MLContext ml, ITransformer model, DataViewSchema schema)
    {
        var stream = new MemoryStream();
        ml.Model.Save(model, schema, stream);
        return stream.ToArray();
    }
}
