using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class FunctionTests
{
    private static Tensor Random(params long[] shape)
    {
        using var g = new Generator(17);
        return randn(shape, float64, generator: g);
    }

    private static void Close(Tensor expected, Tensor actual, double tolerance = 1e-10) =>
        Assert.IsTrue(expected.allclose(actual, tolerance, tolerance), $"off by {(expected - actual).abs().max().ToDouble()}");

    [TestMethod]
    public void KlDiv_TakesLogTargetsByDefault()
    {
        using var scope = NewDisposeScope();
        var (p, q) = (Random(4, 5).log_softmax(1), (Random(4, 5) * 2).log_softmax(1));
        Close((q.exp() * (q - p)).mean(), F.kl_div(p, q));
        Close((q.exp() * (q - p)).mean(), F.kl_div(p, q.exp(), log_target: false));
        Close((q.exp() * (q - p)).sum(), F.kl_div(p, q, reduction: nn.Reduction.Sum));
        Close(q.exp() * (q - p), F.kl_div(p, q, reduction: nn.Reduction.None));
    }

    [TestMethod]
    public void Gelu_IsTheExactOneByDefault()
    {
        using var scope = NewDisposeScope();
        var x = Random(100) * 3;
        var exact = x * 0.5 * (1 + (x / Math.Sqrt(2)).erf());
        Close(exact, F.gelu(x));
        Close(exact, nn.GELU().call(x));
        Assert.IsFalse(exact.allclose(F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh), 1e-6, 1e-6));
    }

    [TestMethod]
    public void Attention_IsSoftmaxOfScaledProducts()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (Random(2, 3, 7, 16), Random(2, 3, 7, 16) * 0.5, Random(2, 3, 7, 16) + 1);
        var weights = (q.matmul(k.transpose(-2, -1)) / Math.Sqrt(16)).softmax(-1);
        Close(weights.matmul(v), F.scaled_dot_product_attention(q, k, v));
    }

    [TestMethod]
    public void Attention_AddsAFloatMask()
    {
        using var scope = NewDisposeScope();
        var (q, k, v, mask) = (Random(2, 3, 7, 16), Random(2, 3, 7, 16) * 0.5, Random(2, 3, 7, 16) + 1, Random(7, 7));
        var weights = (q.matmul(k.transpose(-2, -1)) / 4 + mask).softmax(-1);
        Close(weights.matmul(v), F.scaled_dot_product_attention(q, k, v, mask));
    }

    [TestMethod]
    public void CrossEntropy_SmoothsLabels()
    {
        using var scope = NewDisposeScope();
        var (x, target) = (Random(3, 4), tensor(new long[] { 0, 3, 1 }));
        var smooth = F.one_hot(target, 4).to(float64) * 0.9 + 0.1 / 4;
        Close(-(smooth * x.log_softmax(1)).sum(1).mean(), F.cross_entropy(x, target, label_smoothing: 0.1));
    }

    [TestMethod]
    public void CrossEntropy_TakesProbabilities()
    {
        using var scope = NewDisposeScope();
        var (x, target) = (Random(3, 4), (Random(3, 4) * 2).softmax(1));
        Close(-(target * x.log_softmax(1)).sum(1).mean(), F.cross_entropy(x, target));
    }

    [TestMethod]
    public void LayerNorm_NormalisesWithTheBiasedVariance()
    {
        using var scope = NewDisposeScope();
        var x = Random(2, 3, 8);
        var expected = (x - x.mean([-1], true)) / (x.var(-1, unbiased: false, keepdim: true) + 1e-6).sqrt();
        Close(expected, F.layer_norm(x, [8], eps: 1e-6));
    }

    [TestMethod]
    [DataRow(5, 8)]
    [DataRow(14, 7)]
    public void BicubicInterpolation_IsTheCubicConvolutionOfMinusThreeQuarters(int from, int to)
    {
        using var scope = NewDisposeScope();
        var x = Random(1, 1, from, from);
        var weights = zeros([to, from], float64);
        for (var i = 0; i < to; i++)
        {
            var at = (i + 0.5) * from / to - 0.5;
            for (var k = (int)Math.Floor(at) - 1; k <= (int)Math.Floor(at) + 2; k++)
                weights[i, Math.Clamp(k, 0, from - 1)].add_(Cubic(Math.Abs(at - k)));
        }
        var expected = weights.matmul(x[0, 0]).matmul(weights.t());
        Close(expected, F.interpolate(x, size: [to, to], mode: InterpolationMode.Bicubic, align_corners: false)[0, 0]);

        static double Cubic(double d)
        {
            const double a = -0.75;
            return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
        }
    }

    [TestMethod]
    public void AntialiasedBicubic_KeepsAConstantImage()
    {
        using var scope = NewDisposeScope();
        var y = F.interpolate(full([1, 3, 40, 30], 0.25, float32), size: [8, 9], mode: InterpolationMode.Bicubic, antialias: true);
        CollectionAssert.AreEqual(new long[] { 1, 3, 8, 9 }, y.shape);
        Assert.IsTrue(y.allclose(full([1, 3, 8, 9], 0.25, float32), 1e-5, 1e-6));
    }

    [TestMethod]
    public void BFloat16_RoundsToNearestEven_AndBack()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, 1.00390625f, 1.01171875f, -3.14159f, 65504f, 1e-40f });
        var there = x.to(bfloat16);
        var back = there.to(float32).data<float>().ToArray();
        CollectionAssert.AreEqual(new[] { 1f, 1f, 1.015625f, -3.140625f, 65536f }, back[..5]);
        Assert.IsTrue(there.to(float32).to(bfloat16).to(float32).allclose(there.to(float32), 0, 0), "a second trip changes nothing");
    }

    [TestMethod]
    public void Float16_KeepsWhatItCanHold()
    {
        using var scope = NewDisposeScope();
        var values = new[] { 0f, 1f, -2.5f, 65504f, 6.103515625e-05f };
        CollectionAssert.AreEqual(values, tensor(values).to(float16).to(float32).data<float>().ToArray());
        CollectionAssert.AreEqual(values.Select(v => (Half)v).ToArray(), tensor(values).half().data<Half>().ToArray());
    }

    [TestMethod]
    public void SumOfLiteralZero_IsTheSumOfEverything_BecauseZeroConvertsToATypeFirst()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 3);
        Assert.AreEqual(0, x.sum(0).dim()); // sum(ScalarType? type): 0 is a ScalarType
        Assert.AreEqual(1, x.sum(dim: 0).dim());
    }

    [TestMethod]
    public void Reductions_GiveTheValuesDoneByHand()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new double[,] { { 1, 5, 3 }, { 4, 2, 6 } });
        CollectionAssert.AreEqual(new double[] { 5, 7, 9 }, x.sum(dim: 0).data<double>().ToArray());
        CollectionAssert.AreEqual(new double[] { 3, 4 }, x.mean([1]).data<double>().ToArray());
        var (values, indices) = x.max(1);
        CollectionAssert.AreEqual(new double[] { 5, 6 }, values.data<double>().ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 2 }, indices.data<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 2, 0 }, x[0].argsort(descending: true).data<long>().ToArray());
        var (top, at) = x.topk(2, 1);
        CollectionAssert.AreEqual(new double[] { 5, 3, 6, 4 }, top.data<double>().ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 2, 2, 0 }, at.data<long>().ToArray());
    }
}
