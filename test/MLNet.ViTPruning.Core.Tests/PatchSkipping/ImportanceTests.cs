using MLNet.ViTPruning.PatchSkipping;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class ImportanceTests
{
    [TestMethod]
    [DataRow("vit", false)]
    [DataRow("distilled", true)]
    [DataRow("mean", true)]
    [DataRow("halves", false)]
    public void Importance_EqualsFiniteDifferencesOfTheMargin(string kind, bool shifts)
    {
        using var scope = NewDisposeScope();
        var images = SkipModels.Images(2);
        using var model = SkipModels.Create(kind, SkipModels.Skipping(kind) with { ShiftsIdle = shifts });
        foreach (var (layer, shift) in model.IdleShifts) shift.Set(full(12, 0.01 * layer, dtype: ScalarType.Float64));
        using var noGrad = no_grad();
        var shares = model.Importance(images);
        Assert.HasCount(model.Configuration.Layers.Count, shares);
        Assert.IsTrue(shares.All(s => !s.requires_grad));
        SkipModels.AreClose(ones(2, dtype: ScalarType.Float64), shares.Select(s => s.sum([1L])).Aggregate((a, b) => a + b), 1e-9);

        // The same by moving one patch of one layer's output a little towards what it is idle.
        double[] expected = [.. Differences(model, images, 1e-5)], actual = [.. shares.SelectMany(s => SkipModels.Values(s[1]))];
        double total = expected.Sum(d => d * d);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i] * expected[i] / total, actual[i], 1e-5 + 1e-3 * actual[i], $"{i}");
    }

    /// <summary>Change of the second image's margin by a share of the step from computed to idle, for each layer and patch, over the share.</summary>
    private static IEnumerable<double> Differences(PatchSkipModel model, Tensor images, double share)
    {
        var pass = model.Backbone.Begin(images, null);
        var (image, prefix) = (images.narrow(0, 1, 1), model.Macs.Prefix);
        var blocks = model.Backbone.BlockLayers;
        double Margin(Tensor x, int from)
        {
            for (int i = from; i < blocks.Count; i++) x = blocks[i].Apply(x.clone(), pass);
            double[] logits = SkipModels.Values(model.Backbone.Finish(x, blocks.Count, pass));
            double first = logits.Max();
            return first - Math.Log(logits.Where(l => l != first).Sum(Math.Exp));
        }
        var x = model.Backbone.Enter(image, pass);
        for (int i = 0; i < blocks.Count; i++)
        {
            var next = blocks[i].Apply(x.clone(), pass);
            if (model.Configuration.Layers.Any(l => l.Layer == i))
            {
                var shift = model.IdleShifts.Where(s => s.Layer == i).Select(s => s.Shift.Value).FirstOrDefault();
                var lost = (shift is null ? x : x + shift) - next;
                for (int p = prefix; p < x.shape[1]; p++)
                {
                    var moved = next.clone();
                    moved[0, p] = moved[0, p] + share * lost[0, p];
                    var back = next.clone();
                    back[0, p] = back[0, p] - share * lost[0, p];
                    yield return (Margin(moved, i + 1) - Margin(back, i + 1)) / (2 * share);
                }
            }
            x = next;
        }
    }

    [TestMethod]
    public void Label_ByImportance_FollowsTheThreshold_AndLeavesGradientsToScorersAlone()
    {
        using var scope = NewDisposeScope();
        var images = SkipModels.Images(3);
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit") with { Labels = SkipLabels.Importance, ImportanceThreshold = 0.02 });
        var shares = model.Importance(images);
        var decisions = model.Label(images);
        for (int i = 0; i < shares.Count; i++) SkipModels.AreClose(shares[i].gt(0.02).to(ScalarType.Float64), decisions[i].Labels!, 0);
        Assert.IsTrue(decisions.All(d => d.Logits.requires_grad));
        Assert.IsTrue(model.parameters().All(p => p.grad is null));
        using var through = model.ForwardStraightThrough(images);
        Assert.IsTrue(through.Decisions.All(d => d.Labels is null));
    }
}
