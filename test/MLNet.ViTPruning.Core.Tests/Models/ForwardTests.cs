using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class ForwardTests
{
    private static readonly BlockConfiguration NoAttention = new(0, 0, 20);
    private static readonly BlockConfiguration NoMlp = new(2, 6, 0);
    private static readonly BlockConfiguration Nothing = new(0, 0, 0);

    internal static ModelConfiguration Named(string name) => name switch
    {
        "vit" => SmallModels.Vit(),
        "vit mean" => SmallModels.Vit(Pooling.Mean),
        "vit distilled" => SmallModels.Vit(distilled: true),
        "vit layer scale" => SmallModels.Vit(layerScale: true),
        "vit absent halves" => SmallModels.Vit(blocks: [NoAttention, Nothing, new(2, 6, 20), NoMlp]),
        "vit last without attention" => SmallModels.Vit(blocks: [new(2, 6, 20), NoAttention]),
        "vit last without anything" => SmallModels.Vit(blocks: [new(2, 6, 20), Nothing]),
        "swin" => SmallModels.Swin(),
        "swin small image" => SmallModels.Swin(imageSize: 16), // grids of 8, 4 and 2 with windows of 4, 4 and 2
        "swin window 8" => SmallModels.Swin(windowSize: 8),    // an even window, grids of 16, 8 and 4
        "swin window 3" => SmallModels.Swin(imageSize: 24, windowSize: 3), // an odd window, grids of 12, 6 and 3
        "swin absent halves" => SmallModels.Swin(first: [NoMlp, NoAttention, Nothing, new(2, 4, 8)]),
        "pvt" => SmallModels.Pvt(),
        "pvt patch 1" => SmallModels.Pvt() with { ImageSize = 8, PatchSize = 1 }, // kernel 1
        "pvt absent halves" => SmallModels.Pvt(first: [NoMlp, NoAttention, Nothing, new(2, 4, 8)]),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    public static IEnumerable<object[]> All =>
        new[] { "vit", "vit mean", "vit distilled", "vit layer scale", "vit absent halves", "vit last without attention", "vit last without anything",
            "swin", "swin small image", "swin window 8", "swin window 3", "swin absent halves", "pvt", "pvt patch 1", "pvt absent halves" }.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(All))]
    public void Forward_EqualsLoopsOverSingleTokens(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(Named(name));
        var images = SmallModels.Images(model.Configuration, 2);
        SmallModels.AreClose(new NaiveModel(model).Logits(images), SmallModels.Logits(model, images), 2e-4);
    }

    [TestMethod]
    [DynamicData(nameof(All))]
    public void Forward_WithGradients_EqualsForwardWithout(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(Named(name));
        var images = SmallModels.Images(model.Configuration, 3);
        var expected = SmallModels.Logits(model, images);
        SmallModels.AreClose(expected, model.forward(images).detach().data<float>().ToArray(), 2e-5);
        model.train();
        SmallModels.AreClose(expected, model.forward(images).detach().data<float>().ToArray(), 2e-5);
    }

    [TestMethod]
    [DynamicData(nameof(All))]
    public void Forward_RowOfABatch_EqualsTheRowAlone(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(Named(name));
        var images = SmallModels.Images(model.Configuration, 5);
        var batch = SmallModels.Logits(model, images);
        for (int i = 0; i < 5; i++) SmallModels.AreClose(batch[(5 * i)..(5 * i + 5)], SmallModels.Logits(model, images.narrow(0, i, 1)), 2e-5);
    }

    [TestMethod]
    [DynamicData(nameof(All))]
    public void Forward_InBFloat16_IsCloseToFloat32(string name)
    {
        using var scope = NewDisposeScope();
        using var model = VisionModel.Create(Named(name), seed: 3);
        model.eval();
        var images = SmallModels.Images(model.Configuration, 3);
        model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        var expected = SmallModels.Logits(model, images);
        model.Precision = ComputePrecision.BFloat16;
        using var noGrad = no_grad();
        var logits = model.forward(images);
        Assert.AreEqual(ScalarType.Float32, logits.dtype);
        var actual = logits.data<float>().ToArray();
        double size = Math.Sqrt(expected.Average(v => v * v)), error = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Average());
        Assert.IsLessThan(0.03 * size, error);
        Assert.AreNotEqual(0, error);
        model.Precision = ComputePrecision.Float32;
        SmallModels.AreClose(expected, SmallModels.Logits(model, images), 0);
    }

    [TestMethod]
    [DynamicData(nameof(All))]
    public void Forward_LeavesItsInputAsItWas(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(Named(name));
        var images = SmallModels.Images(model.Configuration, 1);
        var before = images.data<float>().ToArray();
        SmallModels.Logits(model, images);
        CollectionAssert.AreEqual(before, images.data<float>().ToArray());
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("vit mean")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Features_TimesTheHead_AreTheLogits(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SmallModels.Random(Named(name));
        var images = SmallModels.Images(model.Configuration, 2);
        string head = model is SwinTransformer ? "head.fc" : "head";
        var logits = nn.functional.linear(model.Features(images), model.get_parameter(head + ".weight"), model.get_parameter(head + ".bias"));
        SmallModels.AreClose(SmallModels.Logits(model, images), logits.data<float>().ToArray(), 1e-5);
    }

    [TestMethod]
    public void ForwardHeads_MeanIsForward()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = (VisionTransformer)SmallModels.Random(Named("vit distilled"));
        var images = SmallModels.Images(model.Configuration, 2);
        var (first, second) = model.ForwardHeads(images);
        SmallModels.AreClose(SmallModels.Logits(model, images), ((first + second) / 2).data<float>().ToArray(), 1e-5);
        using var plain = (VisionTransformer)SmallModels.Random(Named("vit"));
        Assert.ThrowsExactly<InvalidOperationException>(() => plain.ForwardHeads(images));
    }

    [TestMethod]
    [DataRow("vit", 3)]
    [DataRow("swin", 6)]
    [DataRow("pvt", 5)]
    public void BlockOutputs_HaveOneTensorForEachBlock_AndDoNotDependOnTheMode(string name, int blocks)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(Named(name));
        var images = SmallModels.Images(model.Configuration, 2);
        var differentiated = model.BlockOutputs(images);
        Assert.HasCount(blocks, differentiated);
        using var noGrad = no_grad();
        var outputs = model.BlockOutputs(images);
        for (int i = 0; i < blocks; i++)
        {
            long[] shape = name == "vit" ? [2, 17, 12] : name == "pvt" ? i < 2 ? [2, 8, 8, 8] : i < 4 ? [2, 4, 4, 12] : [2, 2, 2, 16] : i < 2 ? [2, 16, 16, 8] : i < 4 ? [2, 8, 8, 12] : [2, 4, 4, 16];
            CollectionAssert.AreEqual(shape, outputs[i].shape);
            SmallModels.AreClose(differentiated[i].detach().contiguous().data<float>().ToArray(), outputs[i].contiguous().data<float>().ToArray(), 2e-5);
        }
    }

    [TestMethod]
    public void Forward_WrongShape_SaysWhatIsExpected()
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(SmallModels.Vit());
        var e = Assert.ThrowsExactly<ArgumentException>(() => model.forward(zeros(2, 3, 16, 20)));
        StringAssert.Contains(e.Message, "images is [2, 3, 16, 20]; expected [B, 3, 16, 16].");
        Assert.ThrowsExactly<ArgumentException>(() => model.forward(zeros(3, 16, 16)));
    }
}
