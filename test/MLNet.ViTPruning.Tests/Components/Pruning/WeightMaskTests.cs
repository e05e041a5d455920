using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static MLNet.ViTPruning.Tests.Components.TinyData;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

/// <summary>DIMAP and magnitude pruning as estimators, and masks in chains.</summary>
[TestClass]
public sealed class WeightMaskTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Fit_ReadsNoRow_AndMasksTheShareAskedFor(bool dimap)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        using var scorer = ml.Transforms.ScoreViT(Options(model)).Fit(ml.Data.LoadFromEnumerable(Rows(2)));
        var unreadable = new UnreadableView(scorer.GetOutputSchema(ml.Data.LoadFromEnumerable(Rows(2)).Schema));
        PruningOptions options = dimap ? new DimapOptions { Ratio = 0.5 } : new MagnitudeOptions { Ratio = 0.5 };

        using var pruned = ml.Transforms.PruneViT(options).Fit(unreadable);

        var plan = pruned.Pruning!.Weights!;
        Assert.AreEqual(plan.ToJson(), pruned.Plan);
        Assert.AreEqual(plan.Weights / 2, plan.Removed);
        Assert.AreEqual(ModelSize.Of(model.Configuration).Parameters - plan.Removed, ModelSize.NonzeroParameters(pruned.Model));
        Assert.AreEqual(model.Configuration, pruned.Model.Configuration);
        Assert.IsEmpty(model.WeightMasks);
        Assert.AreSame(scorer.Model, pruned.Handle.First);
    }

    [TestMethod]
    public void SavedChain_KeepsMasksPlanAndScores()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(10));
        using var fitted = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(new DimapOptions())).Fit(data);
        using var stream = new MemoryStream();
        ml.Model.Save(fitted.CompactViT(), data.Schema, stream);
        stream.Position = 0;

        var loaded = ml.Model.Load(stream, out _);

        using var stage = (ViTScoringTransformer)((IEnumerable<ITransformer>)loaded).Single();
        AssertMasksAlike(fitted.LastTransformer.Model, stage.Model);
        Assert.AreEqual(fitted.LastTransformer.Plan, stage.Plan);
        foreach (var (a, b) in Read(ml, fitted.Transform(data)).Zip(Read(ml, loaded.Transform(data)))) CollectionAssert.AreEqual(a.Score, b.Score);
    }

    [TestMethod]
    public void DistillViT_KeepsMasks()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(24));
        using var fitted = ml.Transforms.ScoreViT(Options(model))
            .Append(ml.Transforms.PruneViT(new DimapOptions { Ratio = 0.5 }))
            .Append(ml.Transforms.DistillViT(new DistillOptions { Epochs = 2, BatchSize = 8, LearningRate = 1e-2, LoaderThreads = 1, EmaDecay = 0.9 })).Fit(data);
        var stages = ((IEnumerable<ITransformer>)fitted).Cast<ViTScoringTransformer>().ToList();
        AssertMasksAlike(stages[1].Model, stages[2].Model);
        using var difference = stages[1].Model.state_dict()["blocks.0.mlp.fc1.weight"].ne(stages[2].Model.state_dict()["blocks.0.mlp.fc1.weight"]).any();
        Assert.IsTrue(difference.ToBoolean(), "it learnt");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void VisionTransformer_GoesOnWithMasks_AlsoUnderANewHead(bool replaceHead)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(24));
        var trainer = new VisionTransformerTrainer.Options { ReplaceHead = replaceHead, Epochs = 1, BatchSize = 8, LearningRate = 1e-2, LoaderThreads = 1 };
        using var fitted = ml.Transforms.ScoreViT(Options(model))
            .Append(ml.Transforms.PruneViT(new MagnitudeOptions { Ratio = 0.5 }))
            .Append(ml.MulticlassClassification.Trainers.VisionTransformer(trainer)).Fit(data);
        var stages = ((IEnumerable<ITransformer>)fitted).Cast<ViTScoringTransformer>().ToList();
        AssertMasksAlike(stages[1].Model, stages[2].Model);
    }

    [TestMethod]
    public void PruneViT_OfChannelsAfterMasks_CutsThemToo_AndRefusesAFitOfMaskedWeights()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(12));
        var channels = new UnifiedPruningOptions { AttentionKeepRatio = 0.5, Importance = ImportanceKind.Magnitude, Recovery = new RecoveryOptions { Method = RecoveryMethod.MeanShift, Images = 8 } };
        var masks = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.PruneViT(new DimapOptions()));
        using var fitted = masks.Append(ml.Transforms.PruneViT(channels)).Fit(data);
        var last = fitted.LastTransformer.Model;
        Assert.HasCount(8, last.WeightMasks);
        using (NewDisposeScope())
            foreach (var (name, mask) in last.WeightMasks) Assert.IsTrue(last.state_dict()[name].ne(0).eq(mask).all().ToBoolean(), name);
        var refused = Assert.ThrowsExactly<ArgumentException>(() => masks.Append(ml.Transforms.PruneViT(channels with { Recovery = new() })).Fit(data));
        StringAssert.Contains(refused.Message, "MeanShift");
    }

    private static void AssertMasksAlike(VisionModel expected, VisionModel actual)
    {
        using var scope = NewDisposeScope();
        Assert.HasCount(8, expected.WeightMasks);
        CollectionAssert.AreEquivalent(expected.WeightMasks.Keys.ToList(), actual.WeightMasks.Keys.ToList());
        foreach (var (name, mask) in expected.WeightMasks)
        {
            Assert.IsTrue(mask.eq(actual.WeightMasks[name]).all().ToBoolean(), name);
            Assert.IsTrue(actual.state_dict()[name].masked_fill(mask, 0).eq(0).all().ToBoolean(), name);
        }
    }
}
