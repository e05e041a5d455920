using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models.Layers;

[TestClass]
public sealed class KernelTests
{
    private static float[] Values(Tensor x)
    {
        using var values = x.to(ScalarType.Float32).contiguous().data<float>();
        return values.ToArray();
    }

    [TestMethod]
    [DataRow(1, 197, 24, 40)]
    [DataRow(3, 5, 16, 1)]
    [DataRow(2, 1, 8, 8)]
    [DataRow(4, 7, 1, 3)]
    public void Convolution_EqualsLinear(int batch, int tokens, int inFeatures, int outFeatures)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        Tensor x = randn([batch, tokens, inFeatures], generator: generator), w = randn([2 * outFeatures, inFeatures], generator: generator), b = randn([outFeatures], generator: generator);
        w = w.narrow(0, outFeatures, outFeatures); // a range of rows, as attention takes it
        foreach (var bias in new[] { b, null })
        {
            var actual = LinearProduct.Convolution(x, w, bias, w.shape);
            CollectionAssert.AreEqual(new long[] { batch, tokens, outFeatures }, actual.shape);
            Assert.IsTrue(actual.is_contiguous());
            SmallModels.AreClose(Values(nn.functional.linear(x, w, bias)), Values(actual), 1e-4);
        }
    }

    [TestMethod]
    [DataRow(4, 128, 24, 40)]
    [DataRow(16, 17, 192, 48)]
    public void Tiles_EqualLinear_GradientsIncluded(int batch, int tokens, int inFeatures, int outFeatures)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        Tensor[] operands = [randn([batch, tokens, inFeatures], generator: generator), randn([outFeatures, inFeatures], generator: generator), randn([outFeatures], generator: generator)];
        foreach (var operand in operands) operand.requires_grad_(true);
        var (x, w, b) = (operands[0], operands[1], operands[2]);
        var towards = randn([batch, tokens, outFeatures], generator: generator);
        var expected = nn.functional.linear(x, w, b);
        var actual = LinearProduct.Tiles(x, w, b, batch * tokens, x.shape, w.shape);
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        SmallModels.AreClose(Values(expected.detach()), Values(actual.detach()), 1e-4);

        (expected * towards).sum().backward();
        float[][] gradients = [.. operands.Select(operand => Values(operand.grad!))];
        foreach (var operand in operands) operand.grad!.zero_();
        (actual * towards).sum().backward();
        for (int i = 0; i < operands.Length; i++) SmallModels.AreClose(gradients[i], Values(operands[i].grad!), 1e-3);
    }

    [TestMethod]
    [DataRow(9, 4, false)]
    [DataRow(9, 4, true)]
    [DataRow(1, 5, false)]
    [DataRow(3, 1, true)]
    public void Products_EqualScaledDotProductAttention(int queries, int headDim, bool masked)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var parts = AttentionProduct.SplitHeads(randn([2, 9, 3 * 3 * headDim], generator: generator), 3, 1, 3, headDim);
        var query = parts[0].narrow(2, 0, queries);
        var mask = masked ? randn([1, 3, queries, 9], generator: generator) : null;
        var expected = nn.functional.scaled_dot_product_attention(query, parts[1], parts[2], mask);
        SmallModels.AreClose(Values(expected), Values(AttentionProduct.Products(query, parts[1], parts[2], mask, query.shape)), 1e-5);
    }

    [TestMethod]
    [DataRow("vit_patch4_32")]
    [DataRow("swin_patch2_window4_32")]
    public void MeasuredKernels_GiveTheStandardOnesLogits_InAnyBatch(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = VisionModel.Create(ModelPresets.Get(name), seed: 1);
        model.eval();
        var images = SmallModels.Images(model.Configuration, 6);
        model.Kernels = KernelSelection.Standard;
        var expected = Values(model.forward(images));
        model.Kernels = KernelSelection.Measured;
        for (int repeat = 0; repeat < 2; repeat++) SmallModels.AreClose(expected, Values(model.forward(images)), 1e-5);
        SmallModels.AreClose(expected[200..300], Values(model.forward(images.narrow(0, 2, 1))), 1e-5);
    }

    [TestMethod]
    [DataRow("vit_tiny_patch16_224", "16")]                     // 197 x 768 hidden channels: 0.6 MB
    [DataRow("deit_base_patch16_224", "4")]                     // 197 x 3072
    [DataRow("swin_tiny_patch4_window7_224", "2 4 8 16")]       // 3136 x 384, and half as many in each further stage
    [DataRow("pvt_v2_b2", "1 2 8 16")]                          // 3136 x 512
    [DataRow("vit_patch4_32", "32")]                            // 65 x 768
    public void ForwardParts_KeepActivationsBelowTenMegabytes(string name, string images) =>
        Assert.AreEqual(images, string.Join(' ', ForwardParts.Images(ModelPresets.Get(name))));

    [TestMethod]
    [DataRow(ModelFamily.Swin)]
    [DataRow(ModelFamily.PvtV2)]
    public void BatchOfSeveralPartsInEachStage_GivesTheLogitsOfOnePart(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = VisionModel.Create(new ModelConfiguration
        {
            Family = family,
            ImageSize = 64,
            PatchSize = 4,
            WindowSize = family == ModelFamily.Swin ? 4 : 0,
            ReductionRatios = family == ModelFamily.PvtV2 ? [4, 2, 1] : null,
            NumClasses = 10,
            Stages = [new(64, [new(2, 32, 1024), new(2, 32, 1024)]), new(64, [new(2, 32, 256), new(2, 32, 256)]), new(96, [new(2, 32, 256)])],
            Preprocessing = Preprocessing.Half,
        }, seed: 1);
        model.eval();
        CollectionAssert.AreEqual(new long[] { 8, 128, 512 }, model.ImagesOfParts.ToArray());
        foreach (int count in (int[])[9, 19])
        {
            var images = SmallModels.Images(model.Configuration, count);
            model.Kernels = KernelSelection.Standard;
            var expected = model.forward(images);
            model.Kernels = KernelSelection.Measured;
            model.forward(images).Dispose();    // keeps values derived from the weights
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            var actual = model.forward(images);
            Assert.AreEqual(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            SmallModels.AreClose(Values(expected), Values(actual), 1e-5);
        }
    }

    [TestMethod]
    public void BatchOfSeveralParts_GivesTheLogitsOfOnePart()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var tiny = ModelPresets.Get("vit_patch4_32");
        using var model = VisionModel.Create(tiny with { Stages = [tiny.Stages[0] with { Blocks = [.. tiny.Stages[0].Blocks.Take(1)] }] }, seed: 1);
        model.eval();
        var images = SmallModels.Images(model.Configuration, 70);
        model.Kernels = KernelSelection.Standard;
        var expected = model.forward(images);
        model.Kernels = KernelSelection.Measured;
        var actual = model.forward(images);
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        SmallModels.AreClose(Values(expected), Values(actual), 1e-5);
    }

    [TestMethod]
    public void KernelChoice_TakesTheFastestOne_AndMeasuresOnce()
    {
        using var scope = NewDisposeScope();
        int slow = 0, fast = 0;
        var key = new KernelKey(Guid.NewGuid().ToString(), ScalarType.Float32, 1, 0, 0, 0, 0);
        Tensor Slow(int _)
        {
            slow++;
            Thread.Sleep(20);
            return zeros(1);
        }
        Tensor Fast(int _)
        {
            fast++;
            return ones(1);
        }
        Assert.AreEqual(1, KernelChoice.Run(key, 0, Slow, Fast).ToSingle());
        Assert.AreEqual(KernelChoice.LeastRounds, slow);
        fast = 0;
        for (int i = 0; i < 10; i++) Assert.AreEqual(1, KernelChoice.Run(key, 0, Slow, Fast).ToSingle());
        Assert.AreEqual(KernelChoice.LeastRounds, slow);
        Assert.AreEqual(10, fast);
        key = key with { Size1 = 1 };
        Assert.AreEqual(1, KernelChoice.Run(key, 0, Fast, Slow).ToSingle());
        key = key with { Size1 = 2 };
        Assert.AreEqual(1, KernelChoice.Run(key, 0, Slow, Slow, Fast).ToSingle());
        key = key with { Size1 = 3 };
        Assert.AreEqual(1, KernelChoice.Run(key, 0, Slow, Fast, Slow).ToSingle());
    }

    [TestMethod]
    public void LinearLayerOfPooledFeatures_EqualsLinear()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([64, 256], generator: generator), w = randn([300, 256], generator: generator), b = randn([300], generator: generator);
        var pass = new ForwardPass(Cached: true, LowPrecision: false, MayChoose: true, get_num_threads(), 0, null);
        for (int repeat = 0; repeat < 2; repeat++)
        {
            var actual = LinearProduct.Compute(x, w, b, pass);
            CollectionAssert.AreEqual(new long[] { 64, 300 }, actual.shape);
            SmallModels.AreClose(Values(nn.functional.linear(x, w, b)), Values(actual), 1e-3);
        }
    }
}
