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
    [DataRow(2, 2, 1, 70000, 4)]
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
    public void WhereGradientsAreAskedFor_TheyAreThere()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor q = randn([1, 2, 9, 8], generator: generator).requires_grad_(), v = randn([1, 2, 9, 8], generator: generator), again = q.detach().requires_grad_();
        nn.functional.scaled_dot_product_attention(q, v, v).square().sum().backward();
        ((again.matmul(v.transpose(-2, -1)) / Math.Sqrt(8)).softmax(-1).matmul(v)).square().sum().backward();
        Assert.IsLessThan(1e-5, (q.grad! - again.grad!).abs().max().ToDouble());
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
