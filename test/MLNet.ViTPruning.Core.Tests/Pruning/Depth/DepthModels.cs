using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.Depth;

/// <summary>Small models of several blocks of different sizes, in float64.</summary>
internal static class DepthModels
{
    public static VisionModel Create(string kind, ulong seed = 3) => InDouble(kind switch
    {
        "vit" => SmallModels.Vit(blocks: Blocks),
        "mean" => SmallModels.Vit(Pooling.Mean, blocks: Blocks),
        "scaled" => SmallModels.Vit(layerScale: true, blocks: Blocks),
        "distilled" => SmallModels.Vit(distilled: true, blocks: Blocks),
        "incomplete" => SmallModels.Vit(blocks: [new(2, 6, 0), new(2, 6, 20), new(0, 0, 16), new(3, 4, 12)]),
        "swin" => Swin(),
        "pvt" => SmallModels.Pvt(new(1, 8, 16), new(2, 4, 12), new(2, 4, 20)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    }, seed);

    public static Tensor Images(VisionModel model, int count, ulong seed = 7)
    {
        using var images = SmallModels.Images(model.Configuration, count, seed);
        return images.to(float64);
    }

    /// <summary>The images in batches, each the receiver's to dispose.</summary>
    public static IEnumerable<Tensor> Batches(Tensor images, int size)
    {
        for (long start = 0; start < images.shape[0]; start += size)
        {
            using var part = images.narrow(0, start, Math.Min(size, images.shape[0] - start));
            yield return part.clone();
        }
    }

    private static BlockConfiguration[] Blocks => [new(2, 6, 20), new(3, 4, 16), new(2, 5, 24), new(1, 6, 12)];

    // Stages of 16, 8 and 4 tokens a side: the first two shift every second block, the last does not.
    private static ModelConfiguration Swin() => SmallModels.Swin() with
    {
        Stages =
        [
            new(8, [new(2, 4, 16), new(2, 4, 12)]),
            new(12, [new(3, 4, 24), new(2, 5, 20), new(3, 4, 16), new(1, 6, 24)]),
            new(16, [new(4, 4, 32), new(4, 4, 28), new(2, 4, 24)]),
        ],
    };

    private static VisionModel InDouble(ModelConfiguration configuration, ulong seed)
    {
        var model = SmallModels.Random(configuration, seed);
        model.to(float64);
        model.WeightsChanged();
        return model;
    }
}
