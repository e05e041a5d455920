using MLNet.ViTPruning.PatchSkipping.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping.Training;

[TestClass]
public sealed class ScorerLossTests
{
    [TestMethod]
    public void Of_WeighsBothClassesAlike_UpToABound()
    {
        using var scope = NewDisposeScope();
        double[] logits = [2, -1, 0.5, -3, 1, 0, -40, 30], labels = [1, 0, 0, 0, 0, 0, 0, 1];
        double expected = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double score = 1 / (1 + Math.Exp(-logits[i])), weight = labels[i] == 1 ? 0.5 / 0.25 : 0.5 / 0.75;
            expected -= weight * (labels[i] == 1 ? Math.Log(score) : -Math.Log(1 + Math.Exp(logits[i])));
        }
        using var loss = ScorerLoss.Of(tensor(logits, [2, 4]), tensor(labels, [2, 4]));
        Assert.AreEqual(expected / logits.Length, loss.item<double>(), 1e-12);
        using var rare = ScorerLoss.Of(zeros(1, 100, dtype: ScalarType.Float64), eye(1, 100, dtype: ScalarType.Float64));
        Assert.AreEqual(Math.Log(2) * (ScorerLoss.LargestWeight + 99 * 0.5 / 0.99) / 100, rare.item<double>(), 1e-12);
        Assert.AreEqual(Math.Log(3), ScorerLoss.LogitShift(0.25), 1e-12);
        Assert.AreEqual(Math.Log(ScorerLoss.LargestWeight / 0.5), ScorerLoss.LogitShift(0), 1e-12);
    }

    [TestMethod]
    public void Of_LabelsThatAreAllAlike_IsFinite()
    {
        using var scope = NewDisposeScope();
        foreach (var labels in (Tensor[])[zeros(2, 3), ones(2, 3)])
        {
            var logits = full([2, 3], 90f).requires_grad_();
            var loss = ScorerLoss.Of(logits, labels);
            loss.backward();
            Assert.IsTrue(double.IsFinite(loss.item<float>()) && logits.grad!.isfinite().all().ToBoolean());
        }
    }
}
