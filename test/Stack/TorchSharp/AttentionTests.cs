using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

/// <summary>Attention in float, which may be computed in pieces, beside products and a softmax in double.</summary>
[TestClass]
public sealed class AttentionTests
{
    private static Tensor Reference(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var scores = q.to(float64).matmul(k.to(float64).transpose(-2, -1)) / Math.Sqrt(q.shape[^1]);
        return (mask is null ? scores : scores + mask.to(float64)).softmax(-1).matmul(v.to(float64));
    }

    private static void Agrees(Tensor q, Tensor k, Tensor v, Tensor? mask = null, string what = "")
    {
        using var noGrad = no_grad();
        var result = nn.functional.scaled_dot_product_attention(q, k, v, mask);
        var expected = Reference(q, k, v, mask);
        CollectionAssert.AreEqual(expected.shape, result.shape, what);
        Assert.AreEqual(q.dtype, result.dtype, what);
        Assert.IsLessThan(2e-6, (result.to(float64) - expected).abs().max().ToDouble() / (1 + expected.abs().max().ToDouble()), what);
    }

    [TestMethod]
    [DataRow(1, 1, 1, 1, 1)]
    [DataRow(1, 3, 197, 197, 64)]
    [DataRow(2, 3, 5, 197, 32)]
    [DataRow(1, 1, 3, 2, 7)]
    [DataRow(1, 2, 700, 900, 16)]
    [DataRow(40, 4, 16, 16, 8)]
    [DataRow(8, 8, 1, 70000, 4)]                                                      // sums long enough to lose more than this, were they made in one go
    [DataRow(2, 2, 5, 70001, 3)]
    public void AnySizes(long batch, long heads, long queries, long keys, long width)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor Fresh(long n) => randn([batch, heads, n, width], generator: generator);
        Agrees(Fresh(queries) * 3, Fresh(keys), Fresh(keys) + 1);
    }

    [TestMethod]
    public void AnyLayouts()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor Fresh(params long[] shape) => randn(shape, generator: generator);
        var side = Fresh(2, 50, 3, 4, 16).permute(2, 0, 3, 1, 4);                     // query, key and value side by side: 3 x [2, 4, 50, 16]
        Agrees(side[0], side[1], side[2], what: "side by side");
        Agrees(Fresh(2, 4, 16, 50).transpose(2, 3), Fresh(4, 2, 50, 16).transpose(0, 1), Fresh(2, 4, 50, 32).narrow(3, 5, 16), what: "transposed, heads outside, some columns");
        Agrees(Fresh(1, 4, 50, 16).expand(2, 4, 50, 16), Fresh(2, 1, 50, 16).expand(2, 4, 50, 16), Fresh(2, 4, 1, 16).expand(2, 4, 50, 16), what: "repeated");
        Agrees(Fresh(4, 50, 16), Fresh(4, 50, 16), Fresh(4, 50, 16), what: "three dimensions");
    }

    [TestMethod]
    public void AnyMasks()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor Fresh(params long[] shape) => randn(shape, generator: generator);
        Tensor q = Fresh(2, 4, 30, 16), k = Fresh(2, 4, 40, 16), v = Fresh(2, 4, 40, 16);
        foreach (var mask in (Tensor[])[Fresh(30, 40), Fresh(1, 4, 30, 40), Fresh(2, 1, 1, 40), Fresh(40), Fresh(2, 4, 40, 30).transpose(2, 3), Fresh(2, 4, 30, 1).expand(2, 4, 30, 40)])
            Agrees(q, k, v, mask, string.Join(", ", mask.shape));
        var hidden = zeros(2, 1, 1, 40);
        hidden.narrow(3, 25, 15).fill_(float.NegativeInfinity);
        v.narrow(2, 25, 15).fill_(1e30f);                                             // whoever sees it is found out
        using var noGrad = no_grad();
        var seen = nn.functional.scaled_dot_product_attention(q, k, v, hidden);
        var alone = nn.functional.scaled_dot_product_attention(q, k.narrow(2, 0, 25), v.narrow(2, 0, 25));
        Assert.IsLessThan(1e-5, (seen - alone).abs().max().ToDouble());
    }

    [TestMethod]
    public void LargeAndEqualLogits_AndWhatIsNoNumber()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(3);
        Tensor q = randn([1, 2, 20, 16], generator: generator), v = randn([1, 2, 20, 16], generator: generator);
        Agrees(q * 100, q * 100, v, what: "one token takes all");
        Agrees(q * 0, q, v, what: "all alike");
        Agrees(q, q, v, cat([zeros(12), full(8, -1e4f)]), "far below zero");
        q[0, 1, 3, 0] = float.NaN;
        var result = nn.functional.scaled_dot_product_attention(q, v, v);
        Assert.IsTrue(result[0, 1, 3].isnan().all().ToBoolean());
        Assert.AreEqual(16, result.isnan().sum().ToInt64());
    }

    [TestMethod]
    [DataRow(1, 1, 1, 1, 1)]
    [DataRow(2, 3, 197, 197, 64)]
    [DataRow(3, 2, 5, 40, 8)]
    [DataRow(1, 2, 700, 300, 4)]
    [DataRow(2, 2, 3, 70000, 4)]
    [DataRow(2, 2, 70000, 3, 4)]
    public void Gradients(long batch, long heads, long queries, long keys, long width)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor Fresh(params long[] shape) => randn(shape, generator: generator);
        // Query, key and value side by side, as a projection gives them; a mask that hides some keys; an upstream gradient with heads outside.
        Tensor q = Fresh(batch, queries, heads, width), k = Fresh(batch, keys, 2, heads, width), mask = Fresh(heads, 1, keys), upstream = Fresh(heads, batch, queries, width).transpose(0, 1);
        if (keys > 1) mask.narrow(2, keys / 2, 1).fill_(float.NegativeInfinity);
        foreach (var added in (Tensor?[])[null, mask])
        {
            Tensor[] Of(ScalarType type, Func<Tensor, Tensor, Tensor, Tensor> attend)
            {
                Tensor a = q.to(type).clone().requires_grad_(), b = k.to(type).clone().requires_grad_(), both = b.permute(2, 0, 3, 1, 4);    // [2, B, heads, keys, width]
                attend(a.transpose(1, 2), both[0], both[1]).backward([upstream.to(type)]);
                return [a.grad!, b.grad!];
            }
            var expected = Of(ScalarType.Float64, (a, b, c) => Reference(a, b, c, added));
            var actual = Of(ScalarType.Float32, (a, b, c) => nn.functional.scaled_dot_product_attention(a, b, c, added));
            foreach (var (one, other) in expected.Zip(actual))
                Assert.IsLessThan(5e-6, (one - other).abs().max().ToDouble() / (1 + one.abs().max().ToDouble()), added is null ? "no mask" : "mask");
        }
    }

    [TestMethod]
    public void GradientsOfSome_OfAMask_AndTwiceOver()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor q = randn([1, 2, 9, 8], generator: generator).requires_grad_(), v = randn([1, 2, 9, 8], generator: generator), mask = randn([9, 9], generator: generator).requires_grad_();
        var expected = autograd.grad([Reference(q, v, v, mask).square().sum()], [q, mask]);
        var actual = autograd.grad([nn.functional.scaled_dot_product_attention(q, v, v, mask).square().sum()], [q, mask]);
        foreach (var (one, other) in expected.Zip(actual)) Assert.IsLessThan(1e-4, (one - other).abs().max().ToDouble());

        var loss = nn.functional.scaled_dot_product_attention(q, v, v).square().sum();
        var first = autograd.grad([loss], [q], retain_graph: true)[0];
        var again = autograd.grad([loss], [q])[0];
        Assert.AreEqual(0, (first - again).abs().max().ToDouble());
        Assert.IsLessThan(1e-4, (autograd.grad([Reference(q, v, v, null).square().sum()], [q])[0] - first).abs().max().ToDouble());
    }

    [TestMethod]
    public void SeveralCallersAtOnce_GetTheirOwnResults()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor q = randn([4, 3, 60, 32], generator: generator), k = randn([4, 3, 60, 32], generator: generator);
        var alone = nn.functional.scaled_dot_product_attention(q, k, k).contiguous().data<float>().ToArray();
        Parallel.For(0, 16, _ =>
        {
            using var inner = NewDisposeScope();
            CollectionAssert.AreEqual(alone, nn.functional.scaled_dot_product_attention(q, k, k).contiguous().data<float>().ToArray());
        });
    }
}
