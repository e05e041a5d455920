using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

/// <summary>Models small enough for a reference implementation in plain loops.</summary>
internal static class SmallModels
{
    public static ModelConfiguration Vit(Pooling pooling = Pooling.ClassToken, bool distilled = false, bool layerScale = false, params BlockConfiguration[] blocks) => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 16,
        PatchSize = 4,
        NumClasses = 5,
        Pooling = pooling,
        DistillationToken = distilled,
        LayerScale = layerScale,
        Preprocessing = Preprocessing.Half,
        Stages = [new(12, blocks.Length > 0 ? blocks : [new(2, 6, 20), new(3, 4, 16), new(2, 5, 24)])],
    };

    /// <summary>Grids of 16, 8 and 4 tokens a side; the last is as large as the window.</summary>
    public static ModelConfiguration Swin(int imageSize = 32, int windowSize = 4, params BlockConfiguration[] first) => new()
    {
        Family = ModelFamily.Swin,
        ImageSize = imageSize,
        PatchSize = 2,
        WindowSize = windowSize,
        NumClasses = 5,
        LayerNormEpsilon = 1e-5,
        Preprocessing = Preprocessing.Half,
        Stages =
        [
            new(8, first.Length > 0 ? first : [new(2, 4, 16), new(2, 4, 12)]),
            new(12, [new(3, 4, 24), new(2, 5, 24)]),
            new(16, [new(4, 4, 32), new(4, 4, 32)]),
        ],
    };

    /// <summary>Grids of 8, 4 and 2 tokens a side; 4 x 4, 2 x 2 and single tokens for a key. The epsilon is large, so that a norm with the
    /// wrong one shows.</summary>
    public static ModelConfiguration Pvt(params BlockConfiguration[] first) => new()
    {
        Family = ModelFamily.PvtV2,
        ImageSize = 32,
        PatchSize = 4,
        NumClasses = 5,
        ReductionRatios = [4, 2, 1],
        LayerNormEpsilon = 1e-3,
        Preprocessing = Preprocessing.Half,
        Stages =
        [
            new(8, first.Length > 0 ? first : [new(1, 8, 16), new(2, 4, 12)]),
            new(12, [new(3, 4, 24), new(2, 5, 20)]),
            new(16, [new(4, 4, 32)]),
        ],
    };

    /// <summary>A model in evaluation mode with weights large enough that every part shows in the logits.</summary>
    public static VisionModel Random(ModelConfiguration configuration, ulong seed = 1)
    {
        var model = VisionModel.CreateEmpty(configuration);
        using var noGrad = no_grad();
        using var generator = new Generator(seed);
        foreach (var (name, parameter) in model.named_parameters())
        {
            parameter.normal_(0, name.EndsWith("table", StringComparison.Ordinal) ? 1 : 0.3, generator);
            if (name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal)) parameter.add_(1);
        }
        model.eval();
        return model;
    }

    public static Tensor Images(ModelConfiguration configuration, int batch, ulong seed = 7)
    {
        using var generator = new Generator(seed);
        return randn([batch, 3, configuration.ImageSize, configuration.ImageSize], generator: generator);
    }

    /// <summary>Logits without gradients.</summary>
    public static float[] Logits(VisionModel model, Tensor images, ChannelGains? gains = null)
    {
        using var noGrad = no_grad();
        using var logits = model.Forward(images, gains);
        using var values = logits.data<float>(); // holds an alias of the tensor
        return values.ToArray();
    }

    public static void AreClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual, double tolerance)
    {
        Assert.AreEqual(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"value {i} of {expected.Count}");
    }
}
