using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class LabelTests
{
    /// <summary>A model whose threshold is the median of what it will see.</summary>
    private static PatchSkipModel Create(string kind, PatchSkipMethod method, bool context, Tensor images)
    {
        var model = SkipModels.Create(kind, SkipModels.Skipping(kind, method, context));
        using var scope = NewDisposeScope();
        double median = cat([.. model.Label(images).Select(d => d.ScaledCosine!)], 1).median().item<double>();
        model.Configuration = model.Configuration with { ScaledCosineThreshold = median };
        return model;
    }

    [TestMethod]
    [DataRow("vit", PatchSkipMethod.Learned, true, true)]
    [DataRow("distilled", PatchSkipMethod.Learned, false, true)]
    [DataRow("mean", PatchSkipMethod.LearnedTopK, true, false)]
    [DataRow("halves", PatchSkipMethod.Learned, false, false)]
    public void Label_FollowsTheSkippingModel_AndComparesEachPatchWithItsWholeLayer(string kind, PatchSkipMethod method, bool context, bool gradients)
    {
        using var scope = NewDisposeScope();
        var images = SkipModels.Images(9);
        using var model = Create(kind, method, context, images);
        using var mode = set_grad_enabled(gradients);
        var decisions = model.Label(images);
        using var noGrad = no_grad();
        using var run = model.Run(images, SkipDetails.KeepMap | SkipDetails.Scores);
        Assert.HasCount(model.Configuration.Layers.Count, decisions);
        int prefix = model.Macs.Prefix, kept = 0;
        var pass = model.Backbone.Begin(images, null);
        for (int l = 0; l < decisions.Count; l++)
        {
            var decision = decisions[l];
            Assert.AreEqual(model.Configuration.Layers[l].Layer, decision.Layer);
            Assert.AreEqual(gradients, decision.Logits.requires_grad);
            Assert.IsFalse(decision.Input.requires_grad);
            var whole = model.Backbone.BlockLayers[decision.Layer].Apply(decision.Input.clone(), pass);
            double[] mask = SkipModels.Values(decision.Mask), cosine = SkipModels.Values(decision.ScaledCosine!), labels = SkipModels.Values(decision.Labels!), logits = SkipModels.Values(decision.Logits);
            for (int i = 0; i < mask.Length; i++)
            {
                var image = run.Images[i / 16];
                Assert.AreEqual(image.KeepMap![decision.Layer * 16 + i % 16], mask[i] == 1);
                Assert.AreEqual(image.Scores![l * 16 + i % 16], logits[i], 1e-5);
                double[] a = SkipModels.Values(decision.Input[i / 16, prefix + i % 16]), b = SkipModels.Values(whole[i / 16, prefix + i % 16]);
                double expected = (a.Zip(b, (v, w) => v * w).Sum() / Math.Sqrt(a.Sum(v => v * v) * b.Sum(v => v * v)) + 1) / 2;
                Assert.AreEqual(expected, cosine[i], 1e-9);
                expected = cosine[i]; // the median itself must not turn on rounding
                Assert.AreEqual(expected < model.Configuration.ScaledCosineThreshold ? 1 : 0, labels[i]);
                kept += (int)labels[i];
            }
        }
        Assert.IsTrue(kept > 0 && kept < decisions.Count * 9 * 16, "both labels occur");
    }

    [TestMethod]
    [DataRow("vit", PatchSkipMethod.Learned, true)]
    [DataRow("distilled", PatchSkipMethod.Learned, false)]
    [DataRow("mean", PatchSkipMethod.LearnedTopK, false)]
    [DataRow("halves", PatchSkipMethod.Learned, true)]
    public void StraightThrough_HasTheSkippingModelsLogits_AndGradientsForScorersAndBackbone(string kind, PatchSkipMethod method, bool context)
    {
        using var scope = NewDisposeScope();
        var images = SkipModels.Images(9);
        using var model = Create(kind, method, context, images);
        using var result = model.ForwardStraightThrough(images);
        using (no_grad())
        {
            SkipModels.AreClose(model.forward(images), result.Logits, 1e-9);
            using var cached = model.ForwardStraightThrough(images);
            SkipModels.AreClose(cached.Logits, result.Logits.detach(), 1e-9);
            var labels = model.Label(images);
            for (int l = 0; l < labels.Count; l++)
            {
                SkipModels.AreClose(labels[l].Mask, result.Decisions[l].Mask.detach(), 0);
                SkipModels.AreClose(labels[l].Labels!, result.Decisions[l].Labels!, 0);
                SkipModels.AreClose(labels[l].ScaledCosine!, result.Decisions[l].ScaledCosine!, 1e-9);
            }
        }
        (result.Logits.square().sum() + result.Decisions.Select(d => d.Mask.mean()).Aggregate((a, b) => a + b)).backward();
        Assert.IsTrue(model.Scorers.SelectMany(s => s.Scorer.parameters()).All(p => p.grad is not null && p.grad.abs().max().item<double>() > 0));
        Assert.IsTrue(model.Backbone.named_parameters().Where(p => p.Item1.Contains("attn", StringComparison.Ordinal)).All(p => p.Item2.grad is not null));
    }

    [TestMethod]
    public void StraightThrough_GivesTheScorersTheSigmoidsGradient()
    {
        using var scope = NewDisposeScope();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", threshold: 0.3));
        using var result = model.ForwardStraightThrough(SkipModels.Images(3));
        var decision = result.Decisions[0];
        decision.Logits.retain_grad();
        decision.Mask.sum().backward();
        var p = (decision.Logits.detach() - Math.Log(0.3 / 0.7)).sigmoid();
        SkipModels.AreClose(p * (1 - p), decision.Logits.grad!, 1e-12);
    }

    [TestMethod]
    public void Label_OfAMethodWithoutScorers_SaysSo()
    {
        using var scope = NewDisposeScope();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", PatchSkipMethod.Random));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => model.Label(SkipModels.Images(1))).Message, "Random has no scorers");
        Assert.ThrowsExactly<InvalidOperationException>(() => model.ForwardStraightThrough(SkipModels.Images(1)));
    }
}
