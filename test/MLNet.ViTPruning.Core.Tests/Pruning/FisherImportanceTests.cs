using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class FisherImportanceTests
{
    /// <summary>½ Σ_images Σ_classes q (∂ log p / ∂m)², each derivative a central difference in float64: no autograd, no draws.</summary>
    private static double[] Expected(VisionModel model, Tensor images, int block, bool attention)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var copy = model.Copy();
        copy.to(float64);
        var configuration = model.Configuration.Blocks.ElementAt(block);
        int channels = attention ? configuration.AttentionDim : configuration.MlpHiddenDim;
        Tensor LogProbabilities(int channel, double gain)
        {
            var row = new double[channels];
            Array.Fill(row, 1);
            row[channel] = gain;
            var list = new Tensor?[block + 1];
            list[block] = tensor(row).unsqueeze(0);    // [1, channels]
            return copy.Forward(images.to(float64), attention ? new ChannelGains { Attention = list } : new ChannelGains { Mlp = list }).log_softmax(-1);
        }
        var q = LogProbabilities(0, 1).exp();
        const double Step = 1e-4;
        return [.. Enumerable.Range(0, channels).Select(c => 0.5 * (q * ((LogProbabilities(c, 1 + Step) - LogProbabilities(c, 1 - Step)) / (2 * Step)).square()).sum().ToDouble())];
    }

    [TestMethod]
    public void Score_WithManyDraws_ApproachesTheExpectedFisherInformation()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 6);
        var scores = FisherImportance.Score(model, [images.clone()], draws: 600, seed: 3);
        foreach (var (actual, expected) in new[] { (scores.Attention[0], Expected(model, images, 0, true)), (scores.Mlp[1], Expected(model, images, 1, false)) })
        {
            Assert.AreEqual(expected.Sum(), actual.Sum(), 0.05 * expected.Sum());
            Assert.IsGreaterThan(0.99, Correlation(expected, actual));
        }
    }

    [TestMethod]
    public void Score_OfASwinModel_CoversEveryBlock()
    {
        using var model = TinyModels.Swin();
        using var images = TinyModels.Images(model, 4);
        var scores = FisherImportance.Score(model, [images.clone()], draws: 300, seed: 3);
        Assert.HasCount(4, scores.Attention);
        Assert.IsGreaterThan(0.97, Correlation(Expected(model, images, 2, true), scores.Attention[2]));
        Assert.IsGreaterThan(0.97, Correlation(Expected(model, images, 1, false), scores.Mlp[1]));
    }

    [TestMethod]
    public void Score_WithOneSeed_IsTheSame_AndTouchesNoGlobalGenerator()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 4);
        var state = get_rng_state();
        var first = FisherImportance.Score(model, [images.clone()], 1, seed: 5);
        var second = FisherImportance.Score(model, [images.clone()], 1, seed: 5);
        CollectionAssert.AreEqual(first.Mlp[0], second.Mlp[0]);
        Assert.IsTrue(state.allclose(get_rng_state(), 0, 0));
        Assert.IsTrue(model.parameters().All(p => p.requires_grad && p.grad is null));
    }

    [TestMethod]
    public void Score_LeavesNoTensorsBehind()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 2);
        FisherImportance.Score(model, [images.clone()], 1, 1);
        long before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        FisherImportance.Score(model, [images.clone(), images.clone()], 2, 1);
        Assert.AreEqual(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Score_WhenCancelled_Stops()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 2);
        Assert.ThrowsExactly<OperationCanceledException>(() => FisherImportance.Score(model, [images.clone()], 1, 1, new CancellationToken(canceled: true)));
    }

    private static double Correlation(double[] a, double[] b)
    {
        double meanA = a.Average(), meanB = b.Average();
        double covariance = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return covariance / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }
}
