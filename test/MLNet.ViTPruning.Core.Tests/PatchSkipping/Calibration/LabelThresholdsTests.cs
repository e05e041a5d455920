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
    [DataRow(PatchSkipMethod.Learned, 0.3)]
    [DataRow(PatchSkipMethod.Learned, 0.6)]
    [DataRow(PatchSkipMethod.LearnedTopK, 0.6)]
    public void Fit_MakesTheShareOfEveryLayerWorthComputing(PatchSkipMethod method, double share)
    {
        using var model = Model(method);
        var (before, images) = (model.Configuration, Images(60, 7));
        var thresholds = LabelThresholds.Fit(model, share, images, Options)!;
        CollectionAssert.AreEqual(thresholds.ToArray(), model.Configuration.Layers.Select(layer => layer.ScaledCosineThreshold!.Value).ToArray());
        Assert.AreEqual(before, model.Configuration with { Layers = [.. model.Configuration.Layers.Select(layer => layer with { ScaledCosineThreshold = null })] });
        if (method == PatchSkipMethod.LearnedTopK) return;
        // Where nothing is skipped, as many labels say so.
        model.Configuration = SkipCalibrator.ComputingAll(model.Configuration);
        foreach (var layer in PatchSkipEvaluation.Measure(model, images, Options)!.Layers) Assert.AreEqual(share, layer.LabelShare!.Value, 0.01, $"{layer}");
    }

    [TestMethod]
    public void Fit_OfACancelledRun_LeavesTheModelAsItWas()
    {
        using var model = Model();
        var before = model.Configuration;
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.IsNull(LabelThresholds.Fit(model, 0.5, Images(8), Options with { CancellationToken = stop.Token }));
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
            Assert.AreEqual(own < 0.5 ? 0 : 1, model.Label(images)[0].Labels.mean().item<float>());
        }
        Assert.AreEqual(model.Configuration, PatchSkipConfiguration.FromJson(model.Configuration.ToJson()));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => model.Configuration = model.Configuration with { Layers = [new(1) { ScaledCosineThreshold = 0 }] }).Message, "layer 1: ScaledCosineThreshold is 0");
    }
}
