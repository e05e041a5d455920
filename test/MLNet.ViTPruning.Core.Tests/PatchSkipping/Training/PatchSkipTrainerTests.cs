using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Evaluation;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Tests.Training;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static MLNet.ViTPruning.Tests.PatchSkipping.SkipTrainingFixture;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping.Training;

[TestClass]
public sealed class PatchSkipTrainerTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_OfScorers_LearnsWhichPatchesChange_AndLeavesTheBackboneAlone(bool context)
    {
        using var model = Model(context: context);
        float[] backbone = Weights(model.Backbone);
        var result = PatchSkipTrainer.Run(model, Job() with { Images = Images(120), ScorerOptions = Options with { Epochs = 12 } });
        CollectionAssert.AreEqual(backbone, Weights(model.Backbone));
        Assert.IsFalse(model.training || model.Backbone.training);
        Assert.IsTrue(model.parameters().All(p => p.requires_grad && p.grad is null));
        Assert.IsLessThan(result.Scorers!.Epochs[0].TrainLoss, result.Scorers.Epochs[^1].TrainLoss);
        var report = PatchSkipEvaluation.Measure(model, Images(60, 5), Options)!;
        Assert.AreEqual((60, 60), (report.Images, report.ScorerImages));
        var fewer = PatchSkipEvaluation.Measure(model, Images(60, 5), Options with { BatchSize = 5 }, scorerImages: 20)!;
        Assert.AreEqual((60, 20), (fewer.Images, fewer.ScorerImages));
        Assert.AreEqual(report.Layers[0].KeptShare, fewer.Layers[0].KeptShare, 1e-9);
        Assert.HasCount(2, report.Layers);
        foreach (var layer in report.Layers)
        {
            Assert.IsGreaterThan(0.75, layer.BalancedAccuracy!.Value, $"{layer}");
            Assert.IsTrue(layer.KeptShare is > 0 and < 1, $"{layer}");
        }
    }

    [TestMethod]
    [DataRow(PatchSkipStages.ScorersThenBackbone)]
    [DataRow(PatchSkipStages.Joint)]
    public void Run_OfBothStages_TrainsTheBackbone_AndMeetsTheTarget(PatchSkipStages stages)
    {
        using var model = Model();
        float[] scorers = [], after = [];
        float[] backbone = Weights(model.Backbone);
        var job = Job(stages, 0.2);
        job = job with { BackboneOptions = job.BackboneOptions! with { Progress = new StepLog(_ => scorers = scorers.Length > 0 ? scorers : Weights(model.ScorerModule)) } };
        var result = PatchSkipTrainer.Run(model, job);
        after = Weights(model.ScorerModule);
        CollectionAssert.AreNotEqual(backbone, Weights(model.Backbone));
        if (stages == PatchSkipStages.Joint) CollectionAssert.AreNotEqual(scorers, after);
        else CollectionAssert.AreEqual(scorers, after);
        Assert.AreEqual(15, result.Backbone!.Steps);
        var report = PatchSkipEvaluation.Measure(model, job.Calibration!, Options)!;
        Assert.AreEqual(0.2, report.MacsSaved, 0.01);
        Assert.AreEqual(report.MacsSaved, result.Calibration!.MacsSaved, 1e-9);
    }

    [TestMethod]
    [DataRow(PatchSkipMethod.LearnedTopK)]
    [DataRow(PatchSkipMethod.Random)]
    [DataRow(PatchSkipMethod.ClassAttention)]
    [DataRow(PatchSkipMethod.Merging)]
    public void Run_OfOtherMethods_TrainsTheBackboneUnderTheSameBudget(PatchSkipMethod method)
    {
        using var model = Model(method: method);
        float[] backbone = Weights(model.Backbone);
        var result = PatchSkipTrainer.Run(model, Job(PatchSkipStages.ScorersThenBackbone, 0.2) with { Calibration = null });
        CollectionAssert.AreNotEqual(backbone, Weights(model.Backbone));
        Assert.AreEqual(method == PatchSkipMethod.LearnedTopK, result.Scorers is not null);
        Assert.IsTrue(result.Calibration!.MacsSaved >= 0.2, $"{result.Calibration}");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_WithHiddenStatesAlone_BringsTheStreamNearerToTheDenseModels(bool context)
    {
        using var scope = NewDisposeScope();
        using var model = Model(context: context);
        using var dense = model.Backbone.Copy(requiresGrad: false);
        dense.eval();
        var job = Job(PatchSkipStages.ScorersThenBackbone, 0.2) with { Images = Images(120), LabelWeight = 0, Alpha = 0, HiddenWeight = 1, Teacher = dense };
        var result = PatchSkipTrainer.Run(model, job with { BackboneOptions = job.BackboneOptions! with { Epochs = 6 } });
        Assert.IsLessThan(0.8 * result.Backbone!.Epochs[0].TrainLoss, result.Backbone.Epochs[^1].TrainLoss);

        using var noGrad = no_grad();
        var images = SkipModels.Images(7, ScalarType.Float32);
        List<Tensor> outputs = [];
        var logits = model.Forward(images, outputs);
        Assert.HasCount(model.Backbone.BlockLayers.Count, outputs);
        SkipModels.AreClose(model.forward(images), logits, 1e-5);
        var pass = model.Backbone.Begin(images, null);
        SkipModels.AreClose(logits, model.Backbone.Finish(outputs[^1].clone(), outputs.Count, pass), 1e-5);
    }

    [TestMethod]
    public void Run_KeepsTheBackboneThatItGot_WhereNoEpochIsBetter()
    {
        using var model = Model(method: PatchSkipMethod.ClassAttention);
        float[] before = Weights(model.Backbone);
        var (right, wrong) = Judged(model, Images(120, 7));
        var job = Job(PatchSkipStages.ScorersThenBackbone) with { Calibration = null, Images = Images(120, 7, further: 1), Alpha = 0, BackboneOptions = Options };
        var ruined = PatchSkipTrainer.Run(model, job with { Validation = right }).Backbone!;
        Assert.AreEqual((0, 100.0, 3), (ruined.BestEpoch, ruined.StartAccuracy, ruined.Epochs.Count));
        CollectionAssert.AreEqual(before, Weights(model.Backbone));

        var improved = PatchSkipTrainer.Run(model, job with { Images = Images(120, 7), Validation = wrong }).Backbone!;
        Assert.AreEqual(0, improved.StartAccuracy);
        Assert.AreEqual(improved.Epochs.Max(e => e.ValidationAccuracy), improved.Epochs[improved.BestEpoch - 1].ValidationAccuracy);
        CollectionAssert.AreNotEqual(before, Weights(model.Backbone));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(7)]
    public void Resume_KnowsWhatTheBackboneDidAtItsStart(int stopAfter)
    {
        using var model = Model(method: PatchSkipMethod.ClassAttention);
        float[] before = Weights(model.Backbone);
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        int steps = 0;
        var log = new StepLog(_ => { if (++steps == stopAfter) stop.Cancel(); });
        var right = Judged(model, Images(120, 7)).Right;
        var job = Job(PatchSkipStages.ScorersThenBackbone) with { Calibration = null, Images = Images(60, 7, further: 1), Validation = right, Alpha = 0, BackboneOptions = Options, RunFolder = folder.Path };
        var part = PatchSkipTrainer.Run(model, job with { BackboneOptions = Options with { Progress = log, CancellationToken = stop.Token } }).Backbone!;
        Assert.AreEqual((TrainingEnd.Cancelled, 0, 100.0), (part.End, part.BestEpoch, part.StartAccuracy));
        CollectionAssert.AreEqual(before, Weights(model.Backbone));
        using var resumed = Model(method: PatchSkipMethod.ClassAttention);
        var rest = PatchSkipTrainer.Run(resumed, job with { Resume = true }).Backbone!;
        Assert.AreEqual((TrainingEnd.Completed, (long)stopAfter, 0, 100.0), (rest.End, rest.ResumedFromStep, rest.BestEpoch, rest.StartAccuracy));
        CollectionAssert.AreEqual(before, Weights(resumed.Backbone));
        using var saved = PatchSkipFile.Load(Path.Combine(folder.Path, PatchSkipTrainer.BackboneFolder, "best.safetensors"));
        CollectionAssert.AreEqual(before, Weights(saved.Backbone));
    }

    [TestMethod]
    [DataRow(PatchSkipStages.ScorersThenBackbone, 3)]
    [DataRow(PatchSkipStages.ScorersThenBackbone, 18)]
    [DataRow(PatchSkipStages.Joint, 22)]
    public void Resume_AfterAStop_EqualsAnUninterruptedRunToTheBit(PatchSkipStages stages, int stopAfter)
    {
        using var whole = Model();
        PatchSkipTrainer.Run(whole, Job(stages, 0.2));
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        int steps = 0;
        var log = new StepLog(_ => { if (++steps == stopAfter) stop.Cancel(); });
        var job = Job(stages, 0.2) with { RunFolder = folder.Path };
        using (var stopped = Model())
        {
            var part = PatchSkipTrainer.Run(stopped, job with
            {
                ScorerOptions = job.ScorerOptions with { Progress = log, CancellationToken = stop.Token },
                BackboneOptions = job.BackboneOptions! with { Progress = log, CancellationToken = stop.Token },
            });
            Assert.IsTrue(part.IsCancelled);
            Assert.IsNull(part.Calibration);
        }
        using var resumed = Model();
        var result = PatchSkipTrainer.Run(resumed, job with { Resume = true });
        Assert.IsFalse(result.IsCancelled);
        CollectionAssert.AreEqual(Weights(whole), Weights(resumed));
        Assert.AreEqual(whole.Configuration, resumed.Configuration);
        using var saved = PatchSkipFile.Load(Path.Combine(folder.Path, PatchSkipTrainer.BackboneFolder, "best.safetensors"));
        CollectionAssert.AreEqual(Weights(resumed), Weights(saved));
        using var other = Model();
        other.Configuration = other.Configuration with { ScaledCosineThreshold = 0.1 };
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => PatchSkipTrainer.Run(other, job with { Resume = true })).Message, "part is another");
    }

    /// <summary>The images that a model classifies rightly, and the others.</summary>
    private static (ITrainingImages Right, ITrainingImages Wrong) Judged(PatchSkipModel model, ITrainingImages images)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        model.eval();
        using var loader = new BatchLoader(images, Sizes, Options with { BatchSize = images.Count }, 0, CPU);
        using var batch = loader.InOrder().Single();
        bool[] right = [.. model.forward(batch.Images).argmax(1).eq(batch.Targets.argmax(1)).data<bool>()];
        ITrainingImages Where(bool value) => TrainingImages.Subset(images, [.. Enumerable.Range(0, images.Count).Where(i => right[i] == value)]);
        return (Where(true), Where(false));
    }

    [TestMethod]
    public void Run_WithAJobThatDoesNotFit_ListsEveryFault()
    {
        using var model = Model();
        var job = Job(PatchSkipStages.Joint) with { BackboneOptions = null, Alpha = -1, Temperature = 0, RatioWeight = double.NaN, Resume = true };
        string message = Assert.ThrowsExactly<ArgumentException>(() => PatchSkipTrainer.Run(model, job)).Message;
        foreach (string fault in (string[])["BackboneOptions is missing", "MacsSaved and TimeSaved are missing", "Alpha is -1", "Temperature is 0", "RatioWeight is NaN", "no RunFolder"])
            StringAssert.Contains(message, fault);
        message = Assert.ThrowsExactly<ArgumentException>(() => PatchSkipTrainer.Run(model, Job(saved: 1.5) with { Calibration = null })).Message;
        foreach (string fault in (string[])["MacsSaved is 1.5", "no Calibration images"]) StringAssert.Contains(message, fault);
        message = Assert.ThrowsExactly<ArgumentException>(() => PatchSkipTrainer.Run(model, Job(PatchSkipStages.Joint, 0.2) with { HiddenWeight = 2, LabelWeight = -1 })).Message;
        foreach (string fault in (string[])["Joint has no use for it", "LabelWeight is -1"]) StringAssert.Contains(message, fault);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PatchSkipTrainer.Run(model, Job() with { ScorerOptions = Options with { EmaDecay = 0.9 } })).Message, "EmaDecay");
        using var random = Model(method: PatchSkipMethod.Random);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PatchSkipTrainer.Run(random, Job())).Message, "Random has no scorers");
    }

    [TestMethod]
    [DataRow(PatchSkipStages.ScorersThenBackbone)]
    [DataRow(PatchSkipStages.Joint)]
    public void Run_LeavesNoTensorAlive(PatchSkipStages stages)
    {
        using var model = Model();
        var job = Job(stages, 0.2) with { Validation = Images(9, 4) };
        PatchSkipTrainer.Run(model, job);
        long before = LiveTensors.AfterCollection();
        PatchSkipTrainer.Run(model, job);
        PatchSkipEvaluation.Measure(model, job.Validation!, Options);
        Assert.AreEqual(before, LiveTensors.AfterCollection());
    }
}
