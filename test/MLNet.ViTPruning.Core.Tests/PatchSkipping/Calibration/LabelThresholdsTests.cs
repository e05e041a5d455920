using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.PatchSkipping.Evaluation;
using MLNet.ViTPruning.PatchSkipping.Training;
using static MLNet.ViTPruning.Tests.PatchSkipping.SkipTrainingFixture;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping.Calibration;

[TestClass]
public sealed class LabelThresholdsTests
{
    [TestMethod]
    [DataRow(PatchSkipMethod.Learned, null)]
    [DataRow(PatchSkipMethod.Learned, 0.2)]
    [DataRow(PatchSkipMethod.LearnedTopK, 0.2)]
    public void Fit_OfScaledCosines_MakesTheSameShareOfEveryLayerWorthComputing(PatchSkipMethod method, double? saved)
    {
        using var model = Model(method);
        var (before, images) = (model.Configuration, Images(60, 7));
        Assert.IsTrue(LabelThresholds.Fit(model, saved, images, Options));
        Assert.IsTrue(model.Configuration.Layers.All(layer => layer.ScaledCosineThreshold is > 0 and <= 1));
        Assert.AreEqual(before, model.Configuration with { Layers = [.. model.Configuration.Layers.Select(layer => layer with { ScaledCosineThreshold = null })] });
        if (method == PatchSkipMethod.LearnedTopK) return;
        // Where nothing is skipped, as many labels say so.
        double share = saved is { } target ? SkipBudget.KeptShare(model, target) : 0.5;
        model.Configuration = SkipCalibrator.ComputingAll(model.Configuration);
        foreach (var layer in PatchSkipEvaluation.Measure(model, images, Options)!.Layers) Assert.AreEqual(share, layer.LabelShare!.Value, 0.01, $"{layer}");
    }

    [TestMethod]
    [DataRow(true, 0.2)]
    [DataRow(false, 0.1)]
    [DataRow(true, null)]
    public void Fit_OfImportance_SharesTheTargetOutAmongTheLayers(bool context, double? target)
    {
        using var model = Model(context: context);
        model.Configuration = model.Configuration with { Labels = SkipLabels.Importance };
        var images = Images(60, 7);
        Assert.IsTrue(LabelThresholds.Fit(model, target, images, Options));
        var macs = model.Macs;
        model.Configuration = SkipCalibrator.ComputingAll(model.Configuration);
        double[] shares = [.. PatchSkipEvaluation.Measure(model, images, Options)!.Layers.Select(layer => layer.LabelShare!.Value)];
        Assert.AreNotEqual(shares[0], shares[1], 0.01);
        if (target is { } saved) Assert.AreEqual(saved, macs.Saved(macs.Executed([.. shares.Select(share => (int)Math.Round(share * SkipModels.Patches))])), 0.03);
        else Assert.AreEqual(0.5, shares.Average(), 0.01);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => LabelThresholds.Fit(model, 0.95, images, Options)).Message, "at most");
    }

    [TestMethod]
    public void Fit_OfACancelledRun_LeavesTheModelAsItWas()
    {
        using var model = Model();
        var before = model.Configuration;
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.IsFalse(LabelThresholds.Fit(model, null, Images(8), Options with { CancellationToken = stop.Token }));
        Assert.AreEqual(before, model.Configuration);
        var job = Job(saved: 0.2) with { FitsLabels = true, ScorerOptions = Options with { CancellationToken = stop.Token } };
        Assert.IsTrue(PatchSkipTrainer.Run(model, job).IsCancelled);
    }

    [TestMethod]
    public void ALayersOwnThreshold_GoesBeforeTheConfigurations()
    {
        using var model = Model();
        using var images = rand(2, 3, 16, 16);
        foreach (double own in (double[])[1e-9, 1])
        {
            model.Configuration = model.Configuration with { Layers = [.. model.Configuration.Layers.Select((layer, i) => i == 0 ? layer with { ScaledCosineThreshold = own } : layer)] };
            using var scope = NewDisposeScope();
            Assert.AreEqual(own < 0.5 ? 0 : 1, model.Label(images)[0].Labels!.mean().item<float>());
        }
        Assert.AreEqual(model.Configuration, PatchSkipConfiguration.FromJson(model.Configuration.ToJson()));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => model.Configuration = model.Configuration with { Layers = [new(1) { ScaledCosineThreshold = 0 }] }).Message, "layer 1: ScaledCosineThreshold is 0");
    }
}
