using System.Diagnostics;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Training;

[TestClass]
[DoNotParallelize] // counts the tensors and the memory of the whole process
public sealed class FlatMemoryTests
{
    private const int WarmUp = 200, Steps = 1200;

    // Room for the allocators' own fluctuation, 6 MB as measured; one set of gradients kept at each step would be about 30 MB.
    private const long MaxGrowthBytes = 20 << 20;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Run_OfAThousandSteps_KeepsNoTensorAndNoMemory()
    {
        var samples = new List<(long Step, long Live, long Bytes)>();
        var log = new StepLog(progress =>
        {
            // Always after an epoch's last step, where no batch is on its way.
            if (progress.Step >= WarmUp && progress.Step % 50 == 0) samples.Add((progress.Step, DisposeScopeManager.Statistics.ThreadTotalLiveCount, ResidentBytes()));
        });
        var options = Options with
        {
            Epochs = Steps / 10,
            BatchSize = 4,
            AccumulationSteps = 2,
            EmaDecay = 0.99,
            DropPath = 0.2,
            LabelSmoothing = 0.1,
            Progress = log,
            Augmentation = AugmentationOptions.CifarStrong with { CropPadding = 1, Mixup = new Mixup(), RandomErasing = new RandomErasing() },
        };
        using var model = VisionModel.Create(Vit(width: 24), 5);
        long before = LiveTensors.AfterCollection();

        Trainer.Run(model, Job(options, images: 80) with { Validation = Images(8, seed: 2) });

        Assert.AreEqual(Steps, log.Steps.Count);
        TestContext.WriteLine(string.Join('\n', samples));
        foreach (var (step, live, _) in samples) Assert.AreEqual(samples[0].Live, live, $"Tensors of the training's thread at step {step}");
        Assert.AreEqual(before, Tensor.TotalCount, "Tensors after the training");
        long growth = samples[^1].Bytes - samples[0].Bytes;
        Assert.IsLessThan(MaxGrowthBytes, growth, $"Memory grew by {growth} bytes.");
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
