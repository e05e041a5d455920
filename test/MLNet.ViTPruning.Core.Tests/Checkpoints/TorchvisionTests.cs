using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

/// <summary>Small random models that torchvision 0.14 made and ran: test/peers/make_checkpoint_fixtures.py.</summary>
[TestClass]
public sealed class TorchvisionTests
{
    private static ModelConfiguration Vit => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 16,
        PatchSize = 8,
        NumClasses = 5,
        Preprocessing = Preprocessing.Half,
        Stages = [new StageConfiguration(8, [new(2, 4, 12), new(2, 4, 12)])],
    };

    private static ModelConfiguration Swin => new()
    {
        Family = ModelFamily.Swin,
        ImageSize = 16,
        PatchSize = 2,
        WindowSize = 4,
        NumClasses = 5,
        Preprocessing = Preprocessing.ImageNet,
        LayerNormEpsilon = 1e-5,
        Stages = [new StageConfiguration(8, [new(1, 8, 16), new(1, 8, 16)]), new StageConfiguration(16, [new(2, 8, 32), new(2, 8, 32)])],
    };

    [TestMethod]
    [DataRow("torchvision_vit")]
    [DataRow("torchvision_swin")]
    public void Load_TorchvisionsModel_GivesItsLogits_Within1e4(string name)
    {
        using var scope = NewDisposeScope();
        using var model = ModelFile.Load(CheckpointFixtures.Of(name + ".pth"), new ModelLoadOptions { Configuration = name.EndsWith("vit") ? Vit : Swin });
        using var file = CheckpointFile.Open(CheckpointFixtures.Of(name + "_logits.pth"));
        using var noGrad = no_grad();
        var logits = model.forward(file.ReadTensor("input"));
        Assert.IsLessThan(1e-4, (logits - file.ReadTensor("logits")).abs().max().item<float>());
        Assert.IsFalse(model.training);
    }

    [TestMethod]
    public void Load_WithTheWrongConfiguration_ListsMissingLeftOverAndWrongShapesAtOnce()
    {
        var wrong = Vit with { Stages = [new StageConfiguration(8, [new(2, 4, 16), new(2, 4, 12), new(2, 4, 12)])], NumClasses = 7 };
        var e = Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Load(CheckpointFixtures.Of("torchvision_vit.pth"), new ModelLoadOptions { Configuration = wrong }));
        StringAssert.Contains(e.Message, "blocks.0.mlp.fc1.weight: got [12, 8], expected [16, 8]");
        StringAssert.Contains(e.Message, "blocks.2.attn.qkv.weight: missing, expected [24, 8]");
        StringAssert.Contains(e.Message, "give NumClasses = 5");
        StringAssert.Contains(e.Message, "torchvision ViT names");
        var shallow = Vit with { Stages = [new StageConfiguration(8, [new(2, 4, 12)])] };
        e = Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Load(CheckpointFixtures.Of("torchvision_vit.pth"), new ModelLoadOptions { Configuration = shallow }));
        StringAssert.Contains(e.Message, "blocks.1.attn.proj.bias: left over");
    }
}
