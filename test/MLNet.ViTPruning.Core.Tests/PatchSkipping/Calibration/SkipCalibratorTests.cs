using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.PatchSkipping.Evaluation;
using MLNet.ViTPruning.Training;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.PatchSkipping.SkipTrainingFixture;

namespace MLNet.ViTPruning.Tests.PatchSkipping.Calibration;

[TestClass]
public sealed class SkipCalibratorTests
{
    [TestMethod]
    [DataRow(0.05)]
    [DataRow(0.16)]
    [DataRow(0.25)]
    public void Fit_OfThresholds_MeetsTheTargetWithinOnePercent_AndEquallyEachTime(double target)
    {
        using var model = Model();
        var images = Images(40, 2);
        var calibration = SkipCalibrator.Fit(model, target, images, Options)!;
        Assert.AreEqual(target, calibration.MacsSaved, 0.01);
        Assert.AreEqual(40, calibration.Images);
        var report = PatchSkipEvaluation.Measure(model, images, Options, scorerImages: 0)!;
        Assert.AreEqual(calibration.MacsSaved, report.MacsSaved, 1e-9);
        Assert.AreEqual(1 - report.ExecutedMacs / report.DenseExecutedMacs, report.MacsSaved, 1e-12);
        Assert.IsNull(report.Layers[0].ScorerAccuracy);
        var first = model.Configuration;
        SkipCalibrator.Fit(model, target, images, Options);
        Assert.AreEqual(first, model.Configuration);
        Assert.AreEqual(KernelSelection.Measured, model.Backbone.Kernels);
    }

    [TestMethod]
    public void Fit_TakesALayerOut_WhoseScorerKeepsEverything()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        int idle = model.Configuration.Layers[0].Layer;
        using (no_grad())
        {
            var scorer = model.Scorers.Single(s => s.Layer == idle).Scorer;
            var parameters = scorer.parameters().ToList();
            parameters[^2].zero_();    // the last layer says the same of every patch: far more than others say
            parameters[^1].fill_(1e3);
        }
        var images = Images(40, 2);
        var calibration = SkipCalibrator.Fit(model, 0.05, images, Options)!;
        Assert.IsFalse(model.Configuration.Layers.Any(layer => layer.Layer == idle));
        Assert.AreEqual(0.05, calibration.MacsSaved, 0.01);
        Assert.AreEqual(calibration.MacsSaved, PatchSkipEvaluation.Measure(model, images, Options, scorerImages: 0)!.MacsSaved, 1e-9);
    }

    [TestMethod]
    [DataRow(PatchSkipMethod.LearnedTopK)]
    [DataRow(PatchSkipMethod.Random)]
    [DataRow(PatchSkipMethod.ClassAttention)]
    [DataRow(PatchSkipMethod.Merging)]
    public void Fixed_SavesTheTargetWithTheFewestChanges(PatchSkipMethod method)
    {
        var sizes = Sizes;
        var fitted = SkipBudget.Fixed(sizes, Skipping(method), 0.2);
        int Changes(PatchSkipLayer layer) => layer.TokensMerged ?? SkipModels.Patches - layer.PatchesKept!.Value;
        var macs = new SkipMacs(sizes, fitted);
        Assert.IsGreaterThanOrEqualTo(0.2, macs.Saved(macs.Executed()));
        Assert.IsTrue(Changes(fitted.Layers[0]) - Changes(fitted.Layers[1]) is 0 or 1);
        int last = Changes(fitted.Layers[0]) > Changes(fitted.Layers[1]) ? 0 : 1;
        var layer = fitted.Layers[last];
        var less = fitted with
        {
            Layers = [.. fitted.Layers.Select(l => l != layer ? l : method == PatchSkipMethod.Merging ? l with { TokensMerged = l.TokensMerged - 1 } : l with { PatchesKept = l.PatchesKept + 1 })],
        };
        var more = new SkipMacs(sizes, less);
        Assert.IsLessThan(0.2, more.Saved(more.Executed()));
    }

    [TestMethod]
    public void Fit_ToATargetOutOfReach_SaysTheMost_AndLeavesTheModelAsItWas()
    {
        using var model = Model();
        var before = model.Configuration;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SkipCalibrator.Fit(model, 0.95, Images(8), Options)).Message, "at most 0.");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SkipCalibrator.Fit(model, 0.95, null, Options)).Message, "images are missing");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SkipCalibrator.Fit(model, 0, Images(8), Options)).Message, "macsSaved is 0");
        Assert.AreEqual(before, model.Configuration);
        var random = Skipping(PatchSkipMethod.Random);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SkipBudget.Fixed(Sizes, random, 0.95)).Message, "at most 0.");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.IsNull(SkipCalibrator.Fit(model, 0.2, Images(8), Options with { CancellationToken = stop.Token }));
        Assert.AreEqual(before, model.Configuration);
    }
}
