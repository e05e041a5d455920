using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class VisionModelTests
{
    [TestMethod]
    [DataRow("vit distilled")]
    [DataRow("pvt")]
    [DataRow("swin")]
    public void Create_SameSeed_SameWeights_AndLeavesTheGlobalGeneratorAlone(string name)
    {
        using var scope = NewDisposeScope();
        var before = get_rng_state().data<byte>().ToArray();
        using var first = VisionModel.Create(ForwardTests.Named(name), seed: 5);
        using var second = VisionModel.Create(ForwardTests.Named(name), seed: 5);
        using var other = VisionModel.Create(ForwardTests.Named(name), seed: 6);
        CollectionAssert.AreEqual(before, get_rng_state().data<byte>().ToArray());
        foreach (var (key, tensor) in first.state_dict())
        {
            CollectionAssert.AreEqual(tensor.data<float>().ToArray(), second.state_dict()[key].data<float>().ToArray(), key);
            if (tensor.ndim > 1) CollectionAssert.AreNotEqual(tensor.data<float>().ToArray(), other.state_dict()[key].data<float>().ToArray(), key);
        }
    }

    [TestMethod]
    public void Create_DrawsAsTimm()
    {
        using var model = VisionModel.Create(SmallModels.Swin(), seed: 2);
        foreach (var (key, tensor) in model.state_dict())
        {
            var values = tensor.data<float>().ToArray();
            if (key.Contains("norm", StringComparison.Ordinal)) Assert.IsTrue(values.All(v => v == (key.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0)), key);
            else if (key.StartsWith("patch_embed", StringComparison.Ordinal)) Assert.IsTrue(values.All(v => Math.Abs(v) <= 1 / Math.Sqrt(12)), key);
            else if (key.EndsWith("bias", StringComparison.Ordinal)) Assert.IsTrue(values.All(v => v == 0), key);
            else Assert.AreEqual(0.02, Math.Sqrt(values.Average(v => v * v)), 0.01, key);
        }
    }

    [TestMethod]
    public void Create_ImpossibleConfiguration_ListsEveryFault()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => VisionModel.Create(SmallModels.Vit() with { NumClasses = 0, PatchSize = 5 }));
        StringAssert.Contains(e.Message, "numClasses is 0");
        StringAssert.Contains(e.Message, "imageSize 16 is not a multiple of patchSize 5");
    }

    [TestMethod]
    [DataRow("vit", ComputePrecision.Float32)]
    [DataRow("vit", ComputePrecision.BFloat16)]
    [DataRow("swin", ComputePrecision.Float32)]
    [DataRow("pvt", ComputePrecision.BFloat16)]
    [DataRow("pvt", ComputePrecision.Float32)]
    [DataRow("swin", ComputePrecision.BFloat16)]
    public void Forward_FromEightThreads_GivesTheSameLogits(string name, ComputePrecision precision)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(ForwardTests.Named(name));
        model.Precision = precision;
        model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        var images = SmallModels.Images(model.Configuration, 2);
        var results = new float[8][];
        var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            for (int repeat = 0; repeat < 5; repeat++) results[i] = SmallModels.Logits(model, images);
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var expected = SmallModels.Logits(model, images);
        foreach (var result in results) SmallModels.AreClose(expected, result, 1e-6);
    }

    [TestMethod]
    [DataRow("vit", ComputePrecision.Float32, true)]
    [DataRow("vit", ComputePrecision.BFloat16, true)]
    [DataRow("swin", ComputePrecision.Float32, true)]
    [DataRow("swin", ComputePrecision.BFloat16, true)]
    [DataRow("vit", ComputePrecision.BFloat16, false)]
    [DataRow("pvt", ComputePrecision.BFloat16, false)]
    [DataRow("pvt", ComputePrecision.BFloat16, true)]
    [DataRow("pvt", ComputePrecision.Float32, true)]
    [DataRow("swin", ComputePrecision.BFloat16, false)]
    public void Forward_LeavesNoTensorBehind(string name, ComputePrecision precision, bool inference)
    {
        using var model = SmallModels.Random(ForwardTests.Named(name));
        model.Precision = precision;
        model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        using var images = SmallModels.Images(model.Configuration, 2);
        void Run()
        {
            using var mode = set_grad_enabled(!inference);
            model.forward(images).Dispose();
            foreach (var output in model.BlockOutputs(images)) output.Dispose();
            model.Features(images).Dispose();
        }
        Run(); // fills what is kept between passes
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 10; i++) Run();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("pvt")]
    [DataRow("swin")]
    public void Dispose_FreesWeightsAndWhatWasDerivedFromThem(string name)
    {
        using var images = SmallModels.Images(ForwardTests.Named(name), 1);
        void Run()
        {
            using var model = SmallModels.Random(ForwardTests.Named(name));
            model.Precision = ComputePrecision.BFloat16;
            model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
            SmallModels.Logits(model, images);
        }
        Run();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    [DataRow("vit", ComputePrecision.BFloat16)]
    [DataRow("swin", ComputePrecision.Float32)]
    [DataRow("pvt", ComputePrecision.BFloat16)]
    [DataRow("pvt", ComputePrecision.Float32)]
    [DataRow("swin", ComputePrecision.BFloat16)]
    public void Forward_AfterTheWeightsChanged_UsesTheNewOnes(string name, ComputePrecision precision)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(ForwardTests.Named(name), seed: 1);
        using var other = SmallModels.Random(ForwardTests.Named(name), seed: 2);
        model.Precision = other.Precision = precision;
        model.Kernels = other.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        var images = SmallModels.Images(model.Configuration, 2);
        SmallModels.Logits(model, images);
        model.load_state_dict(other.state_dict());
        SmallModels.AreClose(SmallModels.Logits(other, images), SmallModels.Logits(model, images), 1e-6);

        model.train();
        model.forward(images).pow(2).sum().backward();
        using (no_grad()) foreach (var parameter in model.parameters()) parameter.sub_(parameter.grad! * 1e-3); // what an optimizer's step does
        model.eval();
        var cached = SmallModels.Logits(model, images);
        SmallModels.AreClose(model.forward(images).detach().data<float>().ToArray(), cached, 2e-2);
        CollectionAssert.AreNotEqual(SmallModels.Logits(other, images), cached);

        using (no_grad()) foreach (var parameter in model.parameters()) parameter.mul_(0.5);
        model.WeightsChanged();
        cached = SmallModels.Logits(model, images);
        SmallModels.AreClose(model.forward(images).detach().data<float>().ToArray(), cached, 2e-2);
    }

    [TestMethod]
    [DataRow("vit layer scale")]
    [DataRow("pvt")]
    [DataRow("swin")]
    public void Backward_InBFloat16_GivesGradientsInFloat32CloseToThoseOfFloat32(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(ForwardTests.Named(name));
        var images = SmallModels.Images(model.Configuration, 4);
        model.train();
        Dictionary<string, float[]> Gradients()
        {
            model.zero_grad();
            model.forward(images).pow(2).mean().backward();
            return model.named_parameters().ToDictionary(p => p.Item1, p => p.Item2.grad!.to(ScalarType.Float32).contiguous().data<float>().ToArray());
        }
        var expected = Gradients();
        model.Precision = ComputePrecision.BFloat16;
        model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        var actual = Gradients();
        foreach (var (key, e) in expected)
        {
            double size = Math.Sqrt(e.Sum(v => v * v)), error = Math.Sqrt(e.Zip(actual[key], (a, b) => (a - b) * (a - b)).Sum());
            Assert.IsLessThan(0.2 * size + 1e-3, error, key);
        }
        Assert.IsTrue(model.parameters().All(p => p.grad!.dtype == ScalarType.Float32));
    }

    [TestMethod]
    public void Forward_InInferenceModeAndThenOutside_Agrees()
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(SmallModels.Swin());
        model.Precision = ComputePrecision.BFloat16;
        model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        var images = SmallModels.Images(model.Configuration, 1);
        float[] first;
        using (inference_mode()) first = SmallModels.Logits(model, images);
        model.forward(images).sum().backward();
        SmallModels.AreClose(first, SmallModels.Logits(model, images), 1e-6);
    }

    [TestMethod]
    public void InferencePrecision_IsWhatWasAskedFor_UnlessTheCpuIsFasterOtherwise()
    {
        using var model = VisionModel.Create(SmallModels.Vit());
        Assert.AreEqual(ComputePrecision.Float32, model.InferencePrecision);
        model.Precision = ComputePrecision.BFloat16;
        var measured = model.InferencePrecision;
        Assert.AreEqual(measured, model.InferencePrecision, "measured once");
        model.Kernels = KernelSelection.Standard;
        Assert.AreEqual(ComputePrecision.BFloat16, model.InferencePrecision);
    }
}
