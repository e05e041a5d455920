using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class OptimizerTests
{
    private static Parameter Start() => nn.Parameter(tensor(new double[] { 1, -2, 0.5 }));

    private static readonly double[] Gradient = [0.1, -0.4, 2];

    private static void Give(Parameter p)
    {
        using var g = tensor(Gradient);
        p.grad = g;
    }

    private static void Near(double[] expected, Tensor actual)
    {
        var values = actual.data<double>().ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], values[i], 1e-8, $"element {i}");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AdamSteps_AreThoseDoneByHand(bool decoupled)
    {
        const double lr = 0.01, b1 = 0.9, b2 = 0.99, eps = 1e-8, decay = 0.1;
        using var p = Start();
        using optim.Optimizer o = decoupled ? optim.AdamW([p], lr, b1, b2, eps, decay) : optim.Adam([p], lr, b1, b2, eps, decay);
        double[] x = [1, -2, 0.5], m = new double[3], v = new double[3];
        for (var t = 1; t <= 3; t++)
        {
            Give(p);
            o.step();
            for (var i = 0; i < 3; i++)
            {
                var g = Gradient[i] + (decoupled ? 0 : decay * x[i]);
                if (decoupled) x[i] -= lr * decay * x[i];
                m[i] = b1 * m[i] + (1 - b1) * g;
                v[i] = b2 * v[i] + (1 - b2) * g * g;
                x[i] -= lr * (m[i] / (1 - Math.Pow(b1, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(b2, t))) + eps);
            }
            Near(x, p);
        }
    }

    [TestMethod]
    public void SgdSteps_WithMomentum_AreThoseDoneByHand()
    {
        using var p = Start();
        using var o = optim.SGD([p], 0.1, momentum: 0.9, weight_decay: 0.01);
        double[] x = [1, -2, 0.5], b = new double[3];
        for (var t = 1; t <= 3; t++)
        {
            Give(p);
            o.step();
            for (var i = 0; i < 3; i++)
            {
                var g = Gradient[i] + 0.01 * x[i];
                b[i] = t == 1 ? g : 0.9 * b[i] + g;
                x[i] -= 0.1 * b[i];
            }
            Near(x, p);
        }
    }

    [TestMethod]
    public void Groups_HaveTheirOwnRatesAndDecay()
    {
        using var a = Start();
        using var b = Start();
        using var o = optim.AdamW(new[] { new AdamW.ParamGroup([a], lr: 0.1, weight_decay: 0), new AdamW.ParamGroup([b], lr: 0, weight_decay: 0) });
        Give(a);
        Give(b);
        o.step();
        Near([1, -2, 0.5], b);
        Assert.AreEqual(0.9, a.data<double>()[0], 1e-6); // the first step has the length of the rate
        CollectionAssert.AreEqual(new[] { 0.1, 0 }, o.ParamGroups.Select(g => g.LearningRate).ToArray());
    }

    [TestMethod]
    public void Rates_CanBeSetBetweenSteps()
    {
        using var p = Start();
        using var o = optim.SGD([p], 0.1);
        foreach (var g in o.ParamGroups) g.LearningRate = 1;
        Give(p);
        o.step();
        Near([0.9, -1.6, -1.5], p);
    }

    [TestMethod]
    public void ZeroGrad_LetsTheGradientsGo_AndAStepWithoutThemChangesNothing()
    {
        using var p = Start();
        using var o = optim.AdamW([p], weight_decay: 0.5);
        Give(p);
        o.zero_grad();
        Assert.IsTrue(p.grad is null || p.grad.abs().sum().ToDouble() == 0);
        p.grad = null;
        o.step();
        Near([1, -2, 0.5], p);
    }

    [TestMethod]
    public void Steps_InAScope_KeepTheStateAlive()
    {
        using var p = Start();
        using var o = optim.AdamW([p]);
        for (var i = 0; i < 3; i++)
        {
            using var scope = NewDisposeScope();
            Give(p);
            o.step();
        }
        Assert.IsFalse(p.IsInvalid);
    }

    [TestMethod]
    public void Cosine_GoesFromTheBaseRateToTheLeast()
    {
        using var p = Start();
        using var o = optim.SGD([p], 0.5);
        var s = optim.lr_scheduler.CosineAnnealingLR(o, 10, 0.1);
        Assert.AreEqual(0.5, o.ParamGroups.Single().LearningRate, 1e-12);
        for (var i = 1; i <= 10; i++)
        {
            s.step();
            Assert.AreEqual(0.1 + 0.4 * (1 + Math.Cos(Math.PI * i / 10)) / 2, o.ParamGroups.Single().LearningRate, 1e-9);
        }
    }

    [TestMethod]
    public void LambdaAndStep_ScaleTheBaseRate()
    {
        using var p = Start();
        using var o = optim.SGD([p], 0.5);
        var s = optim.lr_scheduler.LambdaLR(o, epoch => 1.0 / (1 + epoch));
        for (var i = 1; i <= 4; i++)
        {
            s.step();
            Assert.AreEqual(0.5 / (1 + i), o.ParamGroups.Single().LearningRate, 1e-12);
        }
        using var q = Start();
        using var o2 = optim.SGD([q], 0.5);
        var s2 = optim.lr_scheduler.StepLR(o2, 2, 0.1);
        double[] expected = [0.5, 0.05, 0.05, 0.005];
        foreach (var e in expected)
        {
            s2.step();
            Assert.AreEqual(e, o2.ParamGroups.Single().LearningRate, 1e-12);
        }
    }

    [TestMethod]
    public void ClipGradNorm_ReturnsTheNormFromBefore_AndScalesToTheLimit()
    {
        using var p = Start();
        Give(p);
        var norm = nn.utils.clip_grad_norm_([p], 0.5);
        var expected = Math.Sqrt(Gradient.Sum(g => g * g));
        Assert.AreEqual(expected, norm, 1e-9);
        Assert.AreEqual(0.5, p.grad!.norm().ToDouble(), 1e-5);
    }
}
