using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Tests.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

/// <summary>Images of dark and bright patches, and a model whose layers change about half of them.</summary>
internal static class SkipTrainingFixture
{
    public static TrainingOptions Options => new() { Epochs = 3, BatchSize = 8, LearningRate = 5e-3, WarmUpEpochs = 0, LoaderThreads = 1, Seed = 3, GradientClip = null };

    /// <summary>Black images with bright patches at random places; the label tells where the first is, or names as many classes further.</summary>
    public static ITrainingImages Images(int count, int seed = 1, int further = 0)
    {
        var random = new Random(seed);
        var images = new List<RgbImage>();
        var labels = new List<int>();
        for (int i = 0; i < count; i++)
        {
            byte[] pixels = new byte[16 * 16 * 3];
            int patches = random.Next(1 << 16);
            for (int y = 0; y < 16; y++)
                for (int x = 0; x < 16; x++)
                    for (int c = 0; c < 3; c++) pixels[(y * 16 + x) * 3 + c] = (byte)(random.Next(40) + ((patches >> (y / 4 * 4 + x / 4) & 1) == 1 ? 200 : 0));
            images.Add(new RgbImage(16, 16, pixels));
            labels.Add((System.Numerics.BitOperations.TrailingZeroCount(patches | 1 << 16) + further) % 5);
        }
        return TrainingImages.FromMemory(images, labels);
    }

    /// <summary>Sizes at which a scorer costs an eighth of its layer: 16 patches, four layers, two of which skip.</summary>
    public static ModelConfiguration Sizes => SmallModels.Vit() with { Stages = [new(64, [.. Enumerable.Repeat(new BlockConfiguration(4, 16, 128), 4)])] };

    public static PatchSkipConfiguration Skipping(PatchSkipMethod method = PatchSkipMethod.Learned, bool context = true) => new()
    {
        Method = method,
        ContextAttention = context,
        Layers =
        [
            .. PatchSkipConfiguration.UsualLayers(Sizes, 1).Select(l => l with
            {
                PatchesKept = method is PatchSkipMethod.Learned or PatchSkipMethod.Merging ? null : 8,
                TokensMerged = method == PatchSkipMethod.Merging ? 3 : null,
            }),
        ],
    };

    /// <summary>A model whose layers find about half of the patches worth computing.</summary>
    public static PatchSkipModel Model(PatchSkipMethod method = PatchSkipMethod.Learned, bool context = true)
    {
        var model = PatchSkipModel.Create(SmallModels.Random(Sizes), Skipping(method, context), 5);
        if (!model.Configuration.HasScorers) return model;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var loader = new BatchLoader(Images(20, 9), Sizes, Options with { BatchSize = 20 }, 0, CPU);
        using var batch = loader.InOrder().Single();
        double[] cosines = [.. model.Label(batch.Images).SelectMany(d => SkipModels.Values(d.ScaledCosine!)).Order()];
        model.Configuration = model.Configuration with { ScaledCosineThreshold = cosines[cosines.Length / 2] };
        return model;
    }

    public static PatchSkipTrainingJob Job(PatchSkipStages stages = PatchSkipStages.Scorers, double? saved = null) => new()
    {
        Images = Images(40),
        Calibration = Images(24, 2),
        Stages = stages,
        ScorerOptions = Options,
        BackboneOptions = Options with { LearningRate = 1e-3 },
        MacsSaved = saved,
    };

    public static float[] Weights(nn.Module module) => [.. module.named_parameters().SelectMany(p => Tests.Training.TrainerFixture.Values(p.Item2))];
}
