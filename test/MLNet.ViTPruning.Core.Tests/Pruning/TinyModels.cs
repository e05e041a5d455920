using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

/// <summary>Small random models whose weights are far from symmetric, so that every channel matters.</summary>
internal static class TinyModels
{
    public static VisionModel Vit(ulong seed = 1, int heads = 4) => Randomised(VitConfiguration(heads), seed);

    /// <summary>A model by the name of its kind: vit, distilled, mean, layer scale (ViTs), swin or pvt.</summary>
    public static VisionModel Of(string kind) => kind switch
    {
        "vit" => Vit(),
        "distilled" => Randomised(VitConfiguration(4) with { DistillationToken = true }, 1),
        "mean, layer scale" => Randomised(VitConfiguration(4) with { Pooling = Pooling.Mean, LayerScale = true }, 1),
        "swin" => Swin(),
        "pvt" => Pvt(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static ModelConfiguration VitConfiguration(int heads) => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 8,
        PatchSize = 4,
        NumClasses = 5,
        Stages = [new(16, [new(heads, 16 / heads, 24), new(heads, 16 / heads, 24)])],
        Preprocessing = Preprocessing.Half,
    };

    public static VisionModel Swin(ulong seed = 1) => Randomised(new ModelConfiguration
    {
        Family = ModelFamily.Swin,
        ImageSize = 16,
        PatchSize = 2,
        WindowSize = 4,
        NumClasses = 5,
        LayerNormEpsilon = 1e-5,
        Stages = [new(8, [new(2, 4, 16), new(2, 4, 16)]), new(16, [new(4, 4, 24), new(4, 4, 24)])],
        Preprocessing = Preprocessing.ImageNet,
    }, seed);

    public static VisionModel Pvt(ulong seed = 1) => Randomised(new ModelConfiguration
    {
        Family = ModelFamily.PvtV2,
        ImageSize = 16,
        PatchSize = 2,
        NumClasses = 5,
        ReductionRatios = [4, 2, 1],
        Stages = [new(8, [new(2, 4, 16), new(2, 4, 16)]), new(16, [new(4, 4, 24)]), new(16, [new(4, 4, 24)])],
        Preprocessing = Preprocessing.ImageNet,
    }, seed);

    public static Tensor Images(VisionModel model, int count, ulong seed = 7)
    {
        using var generator = new Generator(seed);
        return randn([count, 3, model.Configuration.ImageSize, model.Configuration.ImageSize], generator: generator);
    }

    private static VisionModel Randomised(ModelConfiguration configuration, ulong seed)
    {
        var model = VisionModel.Create(configuration, seed);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed + 100);
        foreach (var parameter in model.parameters()) parameter.add_(randn(parameter.shape, generator: generator) * 0.2);
        model.eval();
        return model;
    }
}
