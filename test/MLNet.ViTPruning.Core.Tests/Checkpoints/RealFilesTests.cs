using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class RealFilesTests
{
    [TestMethod]
    [DataRow("vit_tiny_patch16_224", "vit_tiny_patch16_224", 1000, 5_717_416L)]
    [DataRow("deit_tiny_patch16_224", "deit_tiny_patch16_224", 1000, 5_717_416L)]
    [DataRow("vit_tiny_patch16_224_cifar100", "vit_tiny_patch16_224", 100, 5_543_716L)]
    public void Load_FileThatNamesItsArchitecture_NeedsNoOption(string name, string architecture, int classes, long parameters)
    {
        using var model = ModelFile.Load(SharedData.At($"weights/{name}.safetensors"));
        Assert.AreEqual(architecture, model.Configuration.Architecture);
        Assert.AreEqual(classes, model.Configuration.NumClasses);
        Assert.AreEqual(parameters, model.parameters().Sum(p => p.NumberOfElements));
        Assert.IsTrue(model.parameters().All(p => p.dtype == ScalarType.Float32));
    }

    [TestMethod]
    public void Load_Cifar100Weights_HaveTheirPreprocessingAndPyTorchsLogits_Within1e4()
    {
        using var scope = NewDisposeScope();
        using var model = ModelFile.Load(SharedData.At("weights/vit_tiny_patch16_224_cifar100.safetensors"));
        Assert.AreEqual(Preprocessing.Half with { Interpolation = Interpolation.BicubicTorch }, model.Configuration.Preprocessing);
        using var reference = SafetensorsFile.Open(SharedData.At("reference/cifar100.safetensors"));
        using var noGrad = no_grad();
        var logits = model.forward(reference.ReadTensor("input.first"));
        Assert.IsLessThan(1e-4f, (logits[0] - reference.ReadTensor("logits")[0]).abs().max().item<float>());
    }

    [TestMethod]
    public void ReadThroughAStream_OfARealModel_CopiesNoWeightsInManagedMemory()
    {
        using var model = ModelFile.Load(SharedData.At("weights/vit_tiny_patch16_224.safetensors"));
        using var folder = new TemporaryFolder();
        ModelFile.Save(model, folder.File("a.safetensors"));
        using var stream = File.OpenRead(folder.File("a.safetensors"));
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var read = ModelFile.Read(stream);
        Assert.IsLessThan(4L << 20, GC.GetAllocatedBytesForCurrentThread() - before); // 22.9 MB of weights
    }
}
