using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class AutogradTests
{
    private static Tensor Random(params long[] shape)
    {
        using var g = new Generator(23);
        return randn(shape, float64, generator: g);
    }

    // Central differences, one element at a time.
    private static void AgreesWithDifferences(Tensor x, Func<Tensor, Tensor> f)
    {
        using var scope = NewDisposeScope();
        var leaf = x.detach().clone().requires_grad_();
        f(leaf).backward();
        var gradient = leaf.grad!.flatten().data<double>().ToArray();
        using var off = no_grad();
        const double h = 1e-5;
        for (var i = 0; i < gradient.Length; i++)
        {
            double At(double step)
            {
                var moved = x.detach().clone();
                moved.view(-1)[i].add_(step);
                return f(moved).ToDouble();
            }
            Assert.AreEqual((At(h) - At(-h)) / (2 * h), gradient[i], 1e-6 * Math.Max(1, Math.Abs(gradient[i])), $"element {i}");
        }
    }

    [TestMethod] public void Softmax_Product() => AgreesWithDifferences(Random(3, 4), x => (x.softmax(1) * x).sum());
    [TestMethod] public void Gelu_LayerNorm() => AgreesWithDifferences(Random(2, 5), x => F.gelu(F.layer_norm(x, [5])).square().sum());
    [TestMethod] public void Attention() => AgreesWithDifferences(Random(1, 2, 3, 4), x => F.scaled_dot_product_attention(x, x * 0.5, x + 1).square().mean());

    [TestMethod]
    public void Indexing_Slices_Gather() => AgreesWithDifferences(Random(4, 3), x =>
        (x[TensorIndex.Slice(1, 3), TensorIndex.Colon].sum(dim: 0) * x.index_select(0, tensor(new long[] { 0, 0, 3 })).mean([0])
            + x.gather(0, tensor(new long[,] { { 1, 2, 3 } }))[0]).square().sum());

    [TestMethod]
    public void CrossEntropy_Linear()
    {
        using var w = Random(5, 3);
        AgreesWithDifferences(Random(2, 3), x => F.cross_entropy(F.linear(x, w), tensor(new long[] { 4, 1 }), label_smoothing: 0.1));
    }

    [TestMethod]
    public void Gradients_Accumulate_UntilTheyAreCleared()
    {
        using var x = ones([2], requires_grad: true);
        (x * 2).sum().backward();
        (x * 3).sum().backward();
        CollectionAssert.AreEqual(new[] { 5f, 5f }, x.grad!.data<float>().ToArray());
        x.grad = null;
        Assert.IsNull(x.grad);
    }

    [TestMethod]
    public void Grad_GivesNoAccumulation_AndRowsOnDemand()
    {
        using var x = Random(3, 2).requires_grad_();
        using var y = x.square().sum(1);
        using var direction = tensor(new double[] { 1, 0, 2 });
        using var g = autograd.grad([y], [x], [direction], retain_graph: true)[0];
        Assert.IsNull(x.grad);
        using var expected = 2 * x.detach() * direction.unsqueeze(1);
        Assert.IsTrue(expected.allclose(g));
    }

    [TestMethod]
    public void Modes_HoldForTheirBlock_AndNest()
    {
        using var x = ones([1], requires_grad: true);
        Assert.IsTrue(is_grad_enabled());
        using (no_grad())
        {
            Assert.IsFalse((x * 2).requires_grad);
            using (enable_grad()) Assert.IsTrue((x * 2).requires_grad);
            Assert.IsFalse(is_grad_enabled());
        }
        Assert.IsTrue((x * 2).requires_grad);
        using (inference_mode()) Assert.IsFalse((x * 2).requires_grad);
        Assert.IsTrue(is_grad_enabled());
    }

    [TestMethod]
    public void NoGrad_HoldsForItsThreadOnly()
    {
        using var off = no_grad();
        var other = false;
        var t = new Thread(() => other = is_grad_enabled());
        t.Start();
        t.Join();
        Assert.IsTrue(other);
    }

    private sealed class StraightThroughRound : autograd.SingleTensorFunction<StraightThroughRound>
    {
        public override string Name => nameof(StraightThroughRound);
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).round();
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output.alias()];
    }

    private sealed class Square : autograd.SingleTensorFunction<Square>
    {
        public override string Name => nameof(Square);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            return x * x;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [2 * ctx.get_saved_variables()[0] * grad_output];
    }

    [TestMethod]
    public void OwnFunctions_GiveTheirOwnGradients()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new double[] { 0.4, 1.7 }).requires_grad_();
        (StraightThroughRound.apply(x) * 3).sum().backward();
        CollectionAssert.AreEqual(new double[] { 3, 3 }, x.grad!.data<double>().ToArray());
        AgreesWithDifferences(Random(4), v => (Square.apply(v) * v).sum());
    }
}
