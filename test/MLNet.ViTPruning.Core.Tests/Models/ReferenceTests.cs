using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

/// <summary>Equality with PyTorch on published weights and on a random Swin of torchvision's.</summary>
[TestClass]
public sealed class ReferenceTests
{
    private static VisionModel Load(ModelConfiguration configuration, Func<string, Tensor> weight)
    {
        using var noGrad = no_grad();
        var model = VisionModel.CreateEmpty(configuration);
        foreach (var (name, parameter) in model.named_parameters()) parameter.copy_(weight(name));
        model.eval();
        return model;
    }

    private static Tensor Photos(SafetensorsFile reference, Preprocessing preprocessing)
    {
        var pixels = reference.ReadTensor("photos.pixels", ScalarType.Float32).permute(0, 3, 1, 2) / 255; // [4, 3, 224, 224]
        return (pixels - tensor(preprocessing.Mean.Select(v => (float)v).ToArray()).view(3, 1, 1)) / tensor(preprocessing.Std.Select(v => (float)v).ToArray()).view(3, 1, 1);
    }

    [TestMethod]
    [DataRow("vit_tiny_patch16_224")]
    [DataRow("deit_tiny_patch16_224")]
    public void Logits_OfPublishedWeights_EqualPyTorchs_Within1e4(string name)
    {
        using var scope = NewDisposeScope();
        using var reference = SafetensorsFile.Open(SharedData.At("reference/photos.safetensors"));
        using var file = SafetensorsFile.Open(SharedData.At($"weights/{name}.safetensors"));
        using var model = Load(ModelPresets.Get(name), key => file.ReadTensor(key, ScalarType.Float32));
        var images = Photos(reference, model.Configuration.Preprocessing);
        SmallModels.AreClose(reference.ReadTensor($"{name}.logits").data<float>().ToArray(), SmallModels.Logits(model, images), 1e-4);
    }

    [TestMethod]
    public void BlockOutputs_ClassToken_EqualsPyTorchs()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        const string name = "vit_tiny_patch16_224";
        using var reference = SafetensorsFile.Open(SharedData.At("reference/photos.safetensors"));
        using var file = SafetensorsFile.Open(SharedData.At($"weights/{name}.safetensors"));
        using var model = Load(ModelPresets.Get(name), key => file.ReadTensor(key, ScalarType.Float32));
        var tokens = stack(model.BlockOutputs(Photos(reference, model.Configuration.Preprocessing)).Select(x => x.select(1, 0)), 1); // [4, 12, 192]
        SmallModels.AreClose(reference.ReadTensor($"{name}.class_token_after_block").data<float>().ToArray(), tokens.data<float>().ToArray(), 1e-3);
    }

    [TestMethod]
    public void RandomSwin_LogitsAndEveryStage_EqualTorchvisions_Within1e4()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var reference = SafetensorsFile.Open(SharedData.At("reference/swin_small_random.safetensors"));
        int[] depths = [2, 2, 2], heads = [2, 4, 8];
        var configuration = new ModelConfiguration
        {
            Family = ModelFamily.Swin,
            ImageSize = 64,
            PatchSize = 4,
            WindowSize = 4,
            NumClasses = 10,
            LayerNormEpsilon = 1e-5,
            Preprocessing = Preprocessing.ImageNet,
            Stages = [.. depths.Select((depth, s) => new StageConfiguration(24 << s, [.. Enumerable.Repeat(new BlockConfiguration(heads[s], (24 << s) / heads[s], 96 << s), depth)]))],
        };
        using var model = Load(configuration, key => reference.ReadTensor("model." + Torchvision(key)));
        var input = reference.ReadTensor("input");
        SmallModels.AreClose(reference.ReadTensor("logits").data<float>().ToArray(), SmallModels.Logits(model, input), 1e-4);
        var outputs = model.BlockOutputs(input);
        for (int s = 0; s < 3; s++)
            SmallModels.AreClose(reference.ReadTensor($"after.features.{2 * s + 1}").data<float>().ToArray(), outputs[2 * s + 1].contiguous().data<float>().ToArray(), 1e-4);
    }

    /// <summary>timm's key in torchvision's numbering: features 0 embeds, odd ones are stages, even ones merge patches.</summary>
    private static string Torchvision(string key)
    {
        key = key.Replace("patch_embed.proj", "features.0.0", StringComparison.Ordinal).Replace("patch_embed.norm", "features.0.2", StringComparison.Ordinal)
            .Replace("mlp.fc1", "mlp.0", StringComparison.Ordinal).Replace("mlp.fc2", "mlp.3", StringComparison.Ordinal).Replace("head.fc", "head", StringComparison.Ordinal);
        for (int s = 0; s < 3; s++)
            key = key.Replace($"layers.{s}.downsample", $"features.{2 * s}", StringComparison.Ordinal).Replace($"layers.{s}.blocks", $"features.{2 * s + 1}", StringComparison.Ordinal);
        return key;
    }
}
