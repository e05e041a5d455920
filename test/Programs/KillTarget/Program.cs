using System.Globalization;
using System.Text;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Programs;

/// <summary>Trains a small model with everything that a resumption must bring back, and may be killed at any moment:
/// <c>KillTarget vit|swin FOLDER LOG WEIGHTS</c>, the Swin with a third of its weights masked. Every step adds a line to LOG, the end writes all weights to WEIGHTS. Exit code 3: a file
/// could not be written.</summary>
internal static class Program
{
    private const int Classes = 4;

    private static int Main(string[] args)
    {
        var (family, folder, log, weights) = (args[0], args[1], args[2], args[3]);
        set_num_threads(2); // two threads add in another order than one; it must be the same order each time
        using var model = VisionModel.Create(family == "vit" ? Vit : Swin, 1);
        if (family == "swin") WeightPruner.PruneInPlace(model, new DimapOptions());
        using var steps = new StepLog(log);
        try
        {
            var result = Trainer.Run(model, new TrainingJob { Images = Images(84, 1), Validation = Images(20, 2), Options = Options(steps), RunFolder = folder, Resume = true });
            foreach (string warning in result.Warnings) Console.WriteLine($"warning {warning}");
        }
        catch (IOException e)
        {
            Console.WriteLine($"IOException {e.Message}");
            return 3;
        }
        using var file = File.Create(weights);
        foreach (var parameter in model.parameters()) file.Write(parameter.detach().bytes);
        return 0;
    }

    /// <summary>Tensors above libtorch's least size for a second thread.</summary>
    private static ModelConfiguration Vit => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 32,
        PatchSize = 4,
        NumClasses = Classes,
        Preprocessing = Preprocessing.Half,
        Stages = [new(48, [new(3, 16, 96), new(3, 16, 96)])],
    };

    private static ModelConfiguration Swin => new()
    {
        Family = ModelFamily.Swin,
        ImageSize = 32,
        PatchSize = 2,
        WindowSize = 4,
        NumClasses = Classes,
        LayerNormEpsilon = 1e-5,
        Preprocessing = Preprocessing.Half,
        Stages = [new(16, [new(2, 8, 32), new(2, 8, 32)]), new(32, [new(4, 8, 64), new(4, 8, 64)])],
    };

    private static TrainingOptions Options(StepLog steps) => new()
    {
        Epochs = 40,
        BatchSize = 16,
        AccumulationSteps = 2,
        LearningRate = 2e-3,
        WarmUpEpochs = 2,
        EmaDecay = 0.98,
        LabelSmoothing = 0.1,
        DropPath = 0.2,
        Augmentation = AugmentationOptions.CifarStrong with { Mixup = new Mixup(), RandomErasing = new RandomErasing { Probability = 0.25 } },
        Seed = 7,
        LoaderThreads = 2,
        CheckpointSteps = 2,
        Progress = steps,
    };

    private static ITrainingImages Images(int count, int seed)
    {
        var random = new Random(seed);
        var (images, labels) = (new List<RgbImage>(), new List<int>());
        for (int i = 0; i < count; i++)
        {
            int label = random.Next(Classes);
            byte[] pixels = new byte[32 * 32 * 3];
            for (int p = 0; p < pixels.Length; p++) pixels[p] = (byte)(random.Next(180) + (p % Classes == label ? 60 : 0));
            images.Add(new RgbImage(32, 32, pixels));
            labels.Add(label);
        }
        return TrainingImages.FromMemory(images, labels);
    }

    /// <summary>One line for each step, handed to the system at once: it stays when the process is killed.</summary>
    private sealed class StepLog(string path) : IProgress<TrainingProgress>, IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);

        public void Report(TrainingProgress value)
        {
            string line = string.Create(CultureInfo.InvariantCulture, $"{value.Step} {BitConverter.DoubleToInt64Bits(value.Loss):x16} {BitConverter.DoubleToInt64Bits(value.LearningRate):x16}\n");
            _file.Write(Encoding.ASCII.GetBytes(line));
            Console.Write(line); // the parent counts
        }

        public void Dispose() => _file.Dispose();
    }
}
