using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

/// <summary>The models that are committed for the examples.</summary>
[TestClass]
public sealed class ExampleModelsTests
{
    [TestMethod]
    public void Swin_IsItsPresetWithTheClassesOfCifar100_InBfloat16()
    {
        string path = Path.Combine(SharedData.Repository(), "examples", "models", "swin_patch2_window4_32_cifar100.safetensors");
        using (var file = CheckpointFile.Open(path)) Assert.IsTrue(file.Names.All(name => file.DTypeOf(name) == ScalarType.BFloat16));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelFile.Load(path);
        Assert.AreEqual("swin_patch2_window4_32", ModelPresets.NameOf(model.Configuration));
        CollectionAssert.AreEqual(Cifar100Labels.Fine.ToArray(), model.Configuration.LabelNames!.ToArray());
        Assert.AreEqual(5_430_560L, model.parameters().Sum(parameter => parameter.NumberOfElements));
        Assert.IsNull(ModelFile.LoadPlan(path));
        // Random weights give logits that hardly differ.
        var logits = model.forward(SmallModels.Images(model.Configuration, 8));
        Assert.IsTrue(logits.isfinite().all().item<bool>());
        Assert.IsGreaterThan(0.5f, logits.std().item<float>());
    }
}
