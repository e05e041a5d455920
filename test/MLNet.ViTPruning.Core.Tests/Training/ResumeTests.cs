using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Training;

/// <summary>A training that is stopped and goes on in a new model equals one that was never stopped, to the bit.</summary>
[TestClass]
public class ResumeTests
{
    /// <summary>Everything that a training has to remember at once: 6 steps in each of 3 epochs, the last one smaller.</summary>
    private static TrainingOptions Everything => Options with
    {
        BatchSize = 4,
        AccumulationSteps = 2,
        EmaDecay = 0.9,
        DropPath = 0.3,
        LabelSmoothing = 0.1,
        Augmentation = AugmentationOptions.CifarStrong,
        CheckpointSteps = 4,
    };

    private static TrainingJob WithValidation(TrainingOptions options, int size = 8) => Job(options, 45, size) with { Validation = Images(11, size, 9) };

    [TestMethod]
    [DataRow(ModelFamily.Vit)]
    [DataRow(ModelFamily.Swin)]
    [DataRow(ModelFamily.PvtV2)]
    public void Resume_AfterSeveralStops_EqualsAnUninterruptedRunToTheBit(ModelFamily family)
    {
        var configuration = Of(family);
        AreEqualAfterStops(WithValidation(Everything, configuration.ImageSize), configuration, 1, 5, 6, 11, 17);
    }

    [TestMethod]
    public void Resume_WithTheAverageOfEpochsAndNoValidation_EqualsAnUninterruptedRunToTheBit() =>
        AreEqualAfterStops(Job(Everything with { EmaUpdate = EmaUpdate.Epoch }, 45), Vit(), 3, 6, 12);

    [TestMethod]
    public void Resume_WithRememberedTeacherAnswers_EqualsAnUninterruptedRunToTheBit()
    {
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        AreEqualAfterStops(WithValidation(Options) with { Objective = new DistillationObjective(teacher) }, Vit(), 3, 6, 9, 13);
    }

    [TestMethod]
    public void Resume_AfterAStopWhileValidating_EqualsAnUninterruptedRunToTheBit()
    {
        var job = WithValidation(Everything);
        var (expected, whole) = Train(job);
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var (_, part) = Train(job with
        {
            RunFolder = folder.Path,
            Validation = new StoppingImages(job.Validation!, stop),
            Options = job.Options with { CancellationToken = stop.Token },
        });
        Assert.AreEqual(TrainingEnd.Cancelled, part.End);
        Assert.AreEqual(6, part.Steps);
        Assert.IsEmpty(part.Epochs);
        var (actual, rest) = Train(job with { RunFolder = folder.Path, Resume = true });
        CollectionAssert.AreEqual(expected, actual);
        CollectionAssert.AreEqual(Facts(whole), Facts(rest));
    }

    [TestMethod]
    public void Resume_OfACompletedRun_GivesItsResultAgain()
    {
        using var folder = new TemporaryFolder();
        var job = WithValidation(Everything) with { RunFolder = folder.Path };
        var (expected, whole) = Train(job);
        var log = new StepLog();
        var (actual, again) = Train(job with { Resume = true, Options = job.Options with { Progress = log } });
        CollectionAssert.AreEqual(expected, actual);
        CollectionAssert.AreEqual(Facts(whole), Facts(again));
        Assert.AreEqual(TrainingEnd.Completed, again.End);
        Assert.AreEqual(18, again.ResumedFromStep);
        Assert.IsEmpty(log.Steps);
    }

    [TestMethod]
    public void Resume_KeepsTheNumberFormatOfTheRun()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var job = Job(Options with { Precision = ComputePrecision.BFloat16 }, 45);
        using var whole = VisionModel.Create(Vit(), 5);
        Trainer.Run(whole, job, ComputePrecision.BFloat16);
        var part = job.Options with { CancellationToken = stop.Token, Progress = new StepLog(progress => { if (progress.Step == 4) stop.Cancel(); }) };
        using var first = VisionModel.Create(Vit(), 5);
        Trainer.Run(first, job with { RunFolder = folder.Path, Options = part }, ComputePrecision.BFloat16);
        using var second = VisionModel.Create(Vit(), 5);
        var rest = Trainer.Run(second, job with { RunFolder = folder.Path, Resume = true }, ComputePrecision.Float32); // another machine decides otherwise
        Assert.AreEqual(ComputePrecision.BFloat16, rest.ComputedIn);
        CollectionAssert.AreEqual(Weights(whole), Weights(second));
    }

    [TestMethod]
    public void Run_InAFolderThatHoldsARun_IsRefusedWithoutResume()
    {
        using var folder = new TemporaryFolder();
        Train(Job(Options with { Epochs = 1 }) with { RunFolder = folder.Path });
        var fault = Assert.ThrowsExactly<InvalidOperationException>(() => Train(Job() with { RunFolder = folder.Path }));
        StringAssert.Contains(fault.Message, "Resume");
    }

    [TestMethod]
    public void Resume_OfAnotherJob_NamesWhatDiffers()
    {
        using var folder = new TemporaryFolder();
        Train(Job(Options with { Epochs = 1 }) with { RunFolder = folder.Path });
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => Train(
            Job(Options with { Epochs = 2, DropPath = 0.25, LoaderThreads = 1, CheckpointSteps = 7 }, images: 22) with { RunFolder = folder.Path, Resume = true })).Message;
        StringAssert.Contains(message, "epochs is 2, the run has 1.");
        StringAssert.Contains(message, "dropPath is 0.25, the run has 0.");
        StringAssert.Contains(message, "images is 22, the run has 21.");
        Assert.DoesNotContain("hread", message);
        Assert.DoesNotContain("heckpointSteps", message);
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        string other = Assert.ThrowsExactly<InvalidOperationException>(() => Train(
            Job(Options with { Epochs = 1 }) with { RunFolder = folder.Path, Resume = true, Objective = new DistillationObjective(teacher) }, Vit(width: 18))).Message;
        StringAssert.Contains(other, "model is another.");
        StringAssert.Contains(other, "the run has cross-entropy.");
    }

    /// <summary>Stops after some steps, each time in a new model, and compares losses, metrics and weights.</summary>
    private static void AreEqualAfterStops(TrainingJob job, ModelConfiguration configuration, params int[] stops)
    {
        var log = new StepLog();
        var (expected, whole) = Train(job with { Options = job.Options with { Progress = log } }, configuration);
        using var folder = new TemporaryFolder();
        var losses = new List<TrainingProgress>();
        long from = 0;
        foreach (int stop in stops)
        {
            using var cancel = new CancellationTokenSource();
            var (_, part) = Train(Part(job, folder, losses, progress => { if (progress.Step == stop) cancel.Cancel(); }, cancel.Token), configuration);
            Assert.AreEqual(TrainingEnd.Cancelled, part.End);
            Assert.AreEqual(stop, part.Steps);
            Assert.AreEqual(from, part.ResumedFromStep);
            from = stop;
        }
        var (actual, rest) = Train(Part(job, folder, losses, null, default), configuration);
        Assert.AreEqual(from, rest.ResumedFromStep);
        Assert.AreEqual(TrainingEnd.Completed, rest.End);
        CollectionAssert.AreEqual(log.Steps.Select(s => (s.Step, s.Loss, s.LearningRate)).ToList(), losses.Select(s => (s.Step, s.Loss, s.LearningRate)).ToList());
        CollectionAssert.AreEqual(Facts(whole), Facts(rest));
        CollectionAssert.AreEqual(expected, actual);
    }

    private static TrainingJob Part(TrainingJob job, TemporaryFolder folder, List<TrainingProgress> losses, Action<TrainingProgress>? then, CancellationToken token) => job with
    {
        RunFolder = folder.Path,
        Resume = true,
        Options = job.Options with
        {
            CancellationToken = token,
            Progress = new StepLog(progress =>
            {
                losses.Add(progress);
                then?.Invoke(progress);
            }),
        },
    };

    /// <summary>What does not depend on time.</summary>
    private static List<(int, long, double, double?, double?, int)> Facts(TrainingResult result) =>
        [.. result.Epochs.Select(e => (e.Epoch, e.Step, e.TrainLoss, e.ValidationLoss, e.ValidationAccuracy, result.BestEpoch))];

    /// <summary>Images that cancel when they are read.</summary>
    private sealed class StoppingImages(ITrainingImages images, CancellationTokenSource stop) : ITrainingImages
    {
        public int Count => images.Count;

        public int LabelOf(int index) => images.LabelOf(index);

        public RgbImage Read(int index)
        {
            stop.Cancel();
            return images.Read(index);
        }
    }
}
