using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Training;

[TestClass]
public class TrainerTests
{
    [TestMethod]
    [DataRow(ModelFamily.Vit)]
    [DataRow(ModelFamily.Swin)]
    [DataRow(ModelFamily.PvtV2)]
    public void Run_LearnsAndReports(ModelFamily family)
    {
        var configuration = Of(family);
        var seen = new List<TrainingMetrics>();
        var log = new StepLog();
        var options = Options with { Epochs = 8, LearningRate = 5e-3, Progress = log, MetricsCallback = seen.Add };
        var (_, result) = Train(Job(options, 45, configuration.ImageSize) with { Validation = Images(30, configuration.ImageSize, 9) }, configuration);
        Assert.AreEqual(TrainingEnd.Completed, result.End);
        Assert.AreEqual(48, result.Steps);
        Assert.HasCount(48, log.Steps);
        CollectionAssert.AreEqual(seen, result.Epochs.ToList());
        Assert.IsLessThan(result.Epochs[0].TrainLoss, result.Epochs[^1].TrainLoss);
        Assert.IsGreaterThan(80, result.Epochs[result.BestEpoch - 1].ValidationAccuracy!.Value, string.Join('\n', seen));
        Assert.AreEqual(result.Epochs.Max(e => e.ValidationAccuracy), result.Epochs[result.BestEpoch - 1].ValidationAccuracy);
        Assert.AreEqual(TimeSpan.Zero, log.Steps[^1].Remaining);
        Assert.IsGreaterThan(0, result.PeakMemoryBytes);
        Assert.IsGreaterThan(TimeSpan.Zero, result.CpuTime);
        Assert.IsTrue(result.InputWaitShare is >= 0 and <= 1);
    }

    [TestMethod]
    public void Run_WithOneSeed_GivesEqualWeightsWhateverTheLoaderThreads()
    {
        var options = Options with { DropPath = 0.3, EmaDecay = 0.9, LabelSmoothing = 0.1 };
        var (first, _) = Train(Job(options));
        var (second, _) = Train(Job(options with { LoaderThreads = 1 }));
        var (third, _) = Train(Job(options with { LoaderThreads = 5 }));
        var (other, _) = Train(Job(options with { Seed = 4 }));
        CollectionAssert.AreEqual(first, second);
        CollectionAssert.AreEqual(first, third);
        CollectionAssert.AreNotEqual(first, other);
    }

    [TestMethod]
    public void Run_LeavesTorchsGeneratorAlone()
    {
        using var before = get_rng_state();
        Train(Job(Options with { DropPath = 0.3, EmaDecay = 0.9 }));
        using var after = get_rng_state();
        Assert.IsTrue(before.eq(after).all().ToBoolean());
    }

    [TestMethod]
    public void Run_GivesTheModelItsSettingsBackInEvaluationMode()
    {
        using var model = VisionModel.Create(Vit(), 5);
        (model.Precision, model.Kernels) = (ComputePrecision.BFloat16, KernelSelection.Measured);
        foreach (var (name, parameter) in model.named_parameters()) parameter.requires_grad = name.StartsWith("head", StringComparison.Ordinal);
        Trainer.Run(model, Job(Options with { DropPath = 0.2 }));
        Assert.AreEqual(ComputePrecision.BFloat16, model.Precision);
        Assert.AreEqual(KernelSelection.Measured, model.Kernels);
        Assert.IsNull(model.DropPath);
        Assert.IsFalse(model.training);
        foreach (var (name, parameter) in model.named_parameters())
        {
            Assert.AreEqual(name.StartsWith("head", StringComparison.Ordinal), parameter.requires_grad, name);
            Assert.IsNull(parameter.grad, name);
        }
    }

    [TestMethod]
    public void Run_LeavesNoTensorAlive()
    {
        using var model = VisionModel.Create(Vit(), 5);
        var job = Job(Options with { DropPath = 0.2, EmaDecay = 0.9, AccumulationSteps = 2 }) with { Validation = Images(9) };
        Trainer.Run(model, job);
        long before = LiveTensors.AfterCollection();
        Trainer.Run(model, job);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Run_InsideNoGrad_StillLearns()
    {
        var (expected, _) = Train(Job());
        using var noGrad = no_grad();
        var (actual, _) = Train(Job());
        CollectionAssert.AreEqual(expected, actual);
    }

    [TestMethod]
    public void Run_HoldsAsManyTensorsAfterEachStep()
    {
        var counts = new List<long>();
        LiveTensors.AfterCollection();
        var options = Options with { Epochs = 20, DropPath = 0.2, EmaDecay = 0.9, Progress = new StepLog(_ => counts.Add(Tensor.TotalCount)) };
        Train(Job(options, 40));
        Assert.HasCount(100, counts);
        Assert.AreEqual(1, counts.Skip(1).Distinct().Count(), string.Join(' ', counts.Distinct()));
    }

    [TestMethod]
    public void Run_OfAThousandSteps_NeedsNoMoreMemory()
    {
        const long Allowance = 24L << 20; // 30 kB a step would show
        long early = 0, late = 0;
        var log = new StepLog(progress =>
        {
            if (progress.Step == 200) early = WorkingSet();
            if (progress.Step == 1000) late = WorkingSet();
        });
        Train(Job(Options with { Epochs = 200, BatchSize = 4, DropPath = 0.2, EmaDecay = 0.9, Progress = log }, 20));
        Assert.HasCount(1000, log.Steps);
        Assert.IsLessThan(early + Allowance, late, $"{early} bytes after 200 steps, {late} after 1,000");

        static long WorkingSet()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    [TestMethod]
    [DataRow(ModelFamily.Vit)]
    [DataRow(ModelFamily.Swin)]
    [DataRow(ModelFamily.PvtV2)]
    public void Run_InBFloat16_LearnsWithWeightsInSinglePrecision(ModelFamily family)
    {
        var configuration = Of(family);
        using var model = VisionModel.Create(configuration, 5);
        using var full = VisionModel.Create(configuration, 5);
        var job = Job(Options with { Epochs = 8, LearningRate = 5e-3, Precision = ComputePrecision.BFloat16, EmaDecay = 0.5 }, 45, configuration.ImageSize);
        job = job with { Validation = Images(30, configuration.ImageSize, 9) };
        var result = Trainer.Run(model, job, ComputePrecision.BFloat16);
        var reference = Trainer.Run(full, job, ComputePrecision.Float32);
        Assert.AreEqual(ComputePrecision.BFloat16, result.ComputedIn);
        Assert.AreEqual(ComputePrecision.Float32, reference.ComputedIn);
        Assert.IsTrue(model.parameters().All(p => p.dtype == ScalarType.Float32));
        CollectionAssert.AreNotEqual(Weights(full), Weights(model));
        Assert.AreEqual(reference.Epochs[^1].TrainLoss, result.Epochs[^1].TrainLoss, 0.1 * reference.Epochs[0].TrainLoss);
        Assert.IsGreaterThan(80, result.Epochs[result.BestEpoch - 1].ValidationAccuracy!.Value);
    }
}
