using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

/// <summary>Small models that skip: 16 patches, four layers, different sizes in each.</summary>
internal static class SkipModels
{
    public const int Patches = 16;

    public static ModelConfiguration Configuration(string kind)
    {
        BlockConfiguration[] blocks = [new(2, 6, 20), new(3, 4, 16), new(2, 5, 24), new(2, 6, 12)];
        return kind switch
        {
            "distilled" => SmallModels.Vit(distilled: true, blocks: blocks),
            "mean" => SmallModels.Vit(Pooling.Mean, layerScale: true, blocks: blocks),
            "halves" => SmallModels.Vit(blocks: [new(2, 6, 20), new(3, 4, 0), new(0, 0, 24), new(2, 6, 12)]),
            _ => SmallModels.Vit(blocks: blocks),
        };
    }

    /// <summary>Skips in layers 1 and 2; in a mean-pooled model in the last one too.</summary>
    public static PatchSkipConfiguration Skipping(string kind, PatchSkipMethod method = PatchSkipMethod.Learned, bool context = true,
        ScorerInput input = ScorerInput.Token, double threshold = 0.5, int kept = 6) => new()
        {
            Method = method,
            Input = input,
            ContextAttention = context,
            Seed = 3,
            Layers = [.. PatchSkipConfiguration.UsualLayers(Configuration(kind), 1)
                .Where(l => method != PatchSkipMethod.ClassAttention || Configuration(kind).Blocks.ElementAt(l.Layer).HasAttention)
                .Select(l => l with
                {
                    ScoreThreshold = threshold,
                    PatchesKept = method is PatchSkipMethod.Learned or PatchSkipMethod.Merging ? null : kept,
                    TokensMerged = method == PatchSkipMethod.Merging ? 3 : null,
                })],
        };

    /// <summary>A model in evaluation mode whose scorers keep about half of the patches, another half in each image.</summary>
    public static PatchSkipModel Create(string kind, PatchSkipConfiguration skipping, ScalarType type = ScalarType.Float64, long seed = 5)
    {
        var backbone = SmallModels.Random(Configuration(kind));
        backbone.to(type);
        return PatchSkipModel.Create(backbone, skipping, seed);
    }

    public static Tensor Images(int count, ScalarType type = ScalarType.Float64, ulong seed = 7) =>
        SmallModels.Images(SmallModels.Vit(), count, seed).to(type);

    public static double[] Values(Tensor tensor)
    {
        using var values = tensor.detach().to(ScalarType.Float64).contiguous().data<double>();
        return values.ToArray();
    }

    public static void AreClose(Tensor expected, Tensor actual, double tolerance, string message = "")
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape, message);
        Assert.IsLessThanOrEqualTo(tolerance, (expected - actual).abs().max().to(ScalarType.Float64).item<double>(), message);
    }
}
