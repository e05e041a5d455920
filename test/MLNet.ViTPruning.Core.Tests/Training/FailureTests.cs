using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Training;

/// <summary>What is refused, what is skipped, and what ends a training early.</summary>
[TestClass]
public class FailureTests
{
    [TestMethod]
    public void Options_NameAllFaultsAtOnce()
    {
        using var model = VisionModel.Create(Vit(), 5);
        var options = new TrainingOptions
        {
            Epochs = 0,
            BatchSize = -1,
            AccumulationSteps = 0,
            LearningRate = double.NaN,
            WarmUpLearningRate = -1,
            MinLearningRate = 2,
            WarmUpEpochs = 3,
            WeightDecay = -0.5,
            GradientClip = 0,
            EmaDecay = 1,
            EmaUpdate = (EmaUpdate)7,
            LabelSmoothing = 1,
            DropPath = 1.5,
            Precision = (ComputePrecision)9,
            LoaderThreads = 0,
            EarlyStopping = new EarlyStopping(0, -1),
            CheckpointSteps = 0,
            MaxNonFiniteSteps = -2,
        };
        string message = Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(model, Job(options))).Message;
        foreach (string name in (string[])["Epochs is 0", "BatchSize is -1", "AccumulationSteps is 0", "LearningRate is NaN", "WarmUpLearningRate is -1",
            "MinLearningRate is 2", "WarmUpEpochs is 3", "WeightDecay is -0.5", "GradientClip is 0", "EmaDecay is 1", "EmaUpdate is 7", "LabelSmoothing is 1",
            "DropPath is 1.5", "Precision is 9", "LoaderThreads is 0", "EarlyStopping.Patience is 0", "EarlyStopping.MinDelta is -1", "CheckpointSteps is 0",
            "MaxNonFiniteSteps is -2"])
            StringAssert.Contains(message, name);
    }

    [TestMethod]
    public void Job_NamesAllFaultsAtOnce()
    {
        using var model = VisionModel.Create(Vit(), 5);
        var none = TrainingImages.FromMemory([], []);
        var wrong = TrainingImages.FromMemory([TestImages.Generated(0, 8, 8)], [Classes]);
        var job = new TrainingJob { Images = none, Validation = wrong, Options = Options, Resume = true };
        string message = Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(model, job)).Message;
        StringAssert.Contains(message, "Images has no images");
        StringAssert.Contains(message, "Validation has label 3 at image 0");
        StringAssert.Contains(message, "no RunFolder");
        message = Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(model, Job(Options with { EarlyStopping = new() }))).Message;
        StringAssert.Contains(message, "no validation images");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_OfLossesOrGradientsThatAreNoNumbers_EndsAfterTheLimitAndChangesNothing(bool loss)
    {
        using var model = VisionModel.Create(Vit(), 5);
        float[] before = Weights(model);
        var log = new StepLog();
        var job = Job(Options with { MaxNonFiniteSteps = 3, Progress = log, EmaDecay = 0.9 }) with { Objective = new Broken(loss) };
        var fault = Assert.ThrowsExactly<TrainingDivergedException>(() => Trainer.Run(model, job));
        Assert.HasCount(3, log.Steps); // 3 steps an epoch
        StringAssert.Contains(fault.Message, "epoch 2 at step 4");
        StringAssert.Contains(fault.Message, "learning rate");
        StringAssert.Contains(fault.Message, "MaxNonFiniteSteps allows 3");
        StringAssert.Contains(fault.Message, "Lower LearningRate");
        CollectionAssert.AreEqual(before, Weights(model));
        Assert.IsFalse(model.training);
    }

    [TestMethod]
    public void Cancellation_ReturnsTheBestEpochsWeights()
    {
        using var stop = new CancellationTokenSource();
        using var model = VisionModel.Create(Vit(), 5);
        var epochs = new List<float[]>();
        var options = Options with
        {
            Epochs = 9,
            LearningRate = 0.02,
            CancellationToken = stop.Token,
            MetricsCallback = _ => epochs.Add(Weights(model)),
            Progress = new StepLog(progress => { if (progress.Step == 14) stop.Cancel(); }),
        };
        var result = Trainer.Run(model, Job(options) with { Validation = Images(13, seed: 9) });
        Assert.AreEqual(TrainingEnd.Cancelled, result.End);
        Assert.AreEqual(14, result.Steps);
        Assert.HasCount(4, result.Epochs);
        var best = result.Epochs.OrderByDescending(e => e.ValidationAccuracy).ThenBy(e => e.ValidationLoss).First();
        Assert.AreEqual(best.Epoch, result.BestEpoch);
        CollectionAssert.AreEqual(epochs[result.BestEpoch - 1], Weights(model));
    }

    [TestMethod]
    public void Cancellation_WithoutValidation_KeepsThePresentWeights()
    {
        using var stop = new CancellationTokenSource();
        float[]? present = null;
        using var model = VisionModel.Create(Vit(), 5);
        var log = new StepLog(progress =>
        {
            if (progress.Step != 4) return;
            present = Weights(model);
            stop.Cancel();
        });
        var result = Trainer.Run(model, Job(Options with { CancellationToken = stop.Token, Progress = log }));
        Assert.AreEqual((TrainingEnd.Cancelled, 4L, 2), (result.End, result.Steps, result.BestEpoch));
        CollectionAssert.AreEqual(present, Weights(model));
    }

    [TestMethod]
    public void EarlyStopping_EndsWhenNothingImproves()
    {
        var options = Options with { Epochs = 20, LearningRate = 1e-9, WarmUpLearningRate = 0, MinLearningRate = 0, EarlyStopping = new EarlyStopping(3) };
        var result = Train(Job(options) with { Validation = Images(13, seed: 9) }).Result;
        Assert.AreEqual(TrainingEnd.EarlyStopped, result.End);
        Assert.HasCount(4, result.Epochs);
    }

    [TestMethod]
    public void EarlyStopping_CountsOnlyImprovementsAboveMinDelta()
    {
        var position = new TrainingPosition();
        int[] waits = [.. new[] { 50.0, 50.5, 50.9, 51.5, 51.5 }.Select(accuracy =>
        {
            EpochEnd.Record(position, new ValidationOutcome(1, accuracy), 0, new EarlyStopping(9, MinDelta: 1));
            return position.EpochsWithoutImprovement;
        })];
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 0, 1 }, waits);
        Assert.AreEqual(4, position.BestEpoch);
    }

    /// <summary>A loss that is no number, or one that is but whose gradient is not.</summary>
    private sealed class Broken(bool loss) : TrainingObjective
    {
        public override Tensor Loss(TrainingStep step)
        {
            using var scope = NewDisposeScope();
            var sum = stack(step.Model.parameters().Select(p => p.sum())).sum();
            return (loss ? sum * double.NaN : (sum - sum).sqrt()).MoveToOuterDisposeScope();
        }
    }
}
