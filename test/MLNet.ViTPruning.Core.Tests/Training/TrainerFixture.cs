using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training;

/// <summary>Small models, images whose colour tells their class, and what training tests compare.</summary>
internal static class TrainerFixture
{
    public const int Classes = 3;

    public static ModelConfiguration Vit(bool distilled = false, int width = 12) => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 8,
        PatchSize = 4,
        NumClasses = Classes,
        DistillationToken = distilled,
        Stages = [new(width, [new(2, 6, 20), new(2, 6, 20), new(3, 4, 16)])],
        Preprocessing = Preprocessing.Half,
    };

    public static ModelConfiguration Swin() => new()
    {
        Family = ModelFamily.Swin,
        ImageSize = 16,
        PatchSize = 2,
        WindowSize = 4,
        NumClasses = Classes,
        LayerNormEpsilon = 1e-5,
        Stages = [new(8, [new(2, 4, 16), new(2, 4, 16)]), new(16, [new(4, 4, 24), new(4, 4, 24)])],
        Preprocessing = Preprocessing.Half,
    };

    public static ModelConfiguration Pvt() => new()
    {
        Family = ModelFamily.PvtV2,
        ImageSize = 16,
        PatchSize = 4,
        NumClasses = Classes,
        ReductionRatios = [2, 1],
        Stages = [new(8, [new(2, 4, 16), new(2, 4, 16)]), new(16, [new(4, 4, 24), new(4, 4, 24)])],
        Preprocessing = Preprocessing.Half,
    };

    /// <summary>The small model of a family.</summary>
    public static ModelConfiguration Of(ModelFamily family) => family switch { ModelFamily.Vit => Vit(), ModelFamily.Swin => Swin(), _ => Pvt() };

    /// <summary>Noise whose mean colour is the class: red, green or blue.</summary>
    public static ITrainingImages Images(int count, int size = 8, int seed = 1)
    {
        var random = new Random(seed);
        var images = new List<RgbImage>();
        var labels = new List<int>();
        for (int i = 0; i < count; i++)
        {
            int label = random.Next(Classes);
            byte[] pixels = new byte[size * size * 3];
            for (int p = 0; p < pixels.Length; p++) pixels[p] = (byte)(random.Next(160) + (p % 3 == label ? 60 : 0));
            images.Add(new RgbImage(size, size, pixels));
            labels.Add(label);
        }
        return TrainingImages.FromMemory(images, labels);
    }

    public static TrainingOptions Options => new() { Epochs = 3, BatchSize = 8, LearningRate = 2e-3, WarmUpEpochs = 1, LoaderThreads = 2, Seed = 3 };

    public static TrainingJob Job(TrainingOptions? options = null, int images = 21, int size = 8) =>
        new() { Images = Images(images, size), Options = options ?? Options };

    /// <summary>All weights, one after the other.</summary>
    public static float[] Weights(VisionModel model) => [.. model.named_parameters().SelectMany(p => Values(p.Item2))];

    public static float[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var values = tensor.detach().cpu().contiguous().data<float>();
        return values.ToArray();
    }

    /// <summary>A row of a matrix.</summary>
    public static double[] Row(Tensor values, int row) => [.. Values(values.select(0, row)).Select(v => (double)v)];

    /// <summary>Probabilities of logits that a temperature softens.</summary>
    public static double[] Softmax(double[] logits, double temperature)
    {
        double[] e = [.. logits.Select(v => Math.Exp((v - logits.Max()) / temperature))];
        return [.. e.Select(v => v / e.Sum())];
    }

    /// <summary>Trains a new model and gives its weights.</summary>
    public static (float[] Weights, TrainingResult Result) Train(TrainingJob job, ModelConfiguration? configuration = null)
    {
        using var model = VisionModel.Create(configuration ?? Vit(), 5);
        var result = Trainer.Run(model, job);
        return (Weights(model), result);
    }
}

/// <summary>Keeps the losses and learning rates of every step, and acts after some.</summary>
internal sealed class StepLog(Action<TrainingProgress>? then = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Steps { get; } = [];

    public void Report(TrainingProgress value)
    {
        Steps.Add(value);
        then?.Invoke(value);
    }
}
