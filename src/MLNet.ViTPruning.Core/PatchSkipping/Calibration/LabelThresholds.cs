using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>Finds what each layer's scorer is to be taught, so that as many patches are worth computing as may be computed.</summary>
/// <remarks>Layers change patches to very different degrees, and models do: one threshold for all of them leaves some scorers with labels that are all
/// alike. Each layer's threshold is therefore a quantile of its own scaled cosines where nothing is skipped.</remarks>
internal static class LabelThresholds
{
    private const int Decimals = 6; // more than labels depend on, fewer than kernels of different order agree in

    /// <summary>Sets every layer's <see cref="PatchSkipLayer.ScaledCosineThreshold"/>.</summary>
    /// <param name="model">The model; its configuration is replaced.</param>
    /// <param name="share">Share of the patches that shall be worth computing, in (0, 1).</param>
    /// <param name="images">Images to measure on.</param>
    /// <param name="options">Batch size, loader threads and cancellation are heeded.</param>
    /// <returns>The thresholds, by layer, or <see langword="null"/> where it was cancelled: the model is then as it was.</returns>
    public static IReadOnlyList<double>? Fit(PatchSkipModel model, double share, ITrainingImages images, TrainingOptions options)
    {
        var (before, kernels) = (model.Configuration, model.Backbone.Kernels);
        using var noGrad = no_grad();
        using var loader = new BatchLoader(images, model.Backbone.Configuration, options, 0, model.Backbone.parameters().First().device);
        model.eval();
        model.Backbone.Kernels = KernelSelection.Standard; // the same thresholds each time
        model.Configuration = SkipCalibrator.ComputingAll(before);
        List<float>[]? cosines = null;
        try
        {
            cosines = Cosines(model, loader, options.CancellationToken);
        }
        finally
        {
            model.Backbone.Kernels = kernels;
            model.Configuration = before;
        }
        if (cosines is null) return null;
        double[] thresholds = [.. cosines.Select(layer => Quantile(layer, share))];
        model.Configuration = before with { Layers = [.. before.Layers.Select((layer, i) => layer with { ScaledCosineThreshold = thresholds[i] })] };
        return thresholds;
    }

    private static List<float>[]? Cosines(PatchSkipModel model, BatchLoader images, CancellationToken cancellation)
    {
        List<float>[] cosines = [.. model.Configuration.Layers.Select(_ => new List<float>())];
        foreach (var batch in images.InOrder())
        {
            using (batch)
            {
                if (cancellation.IsCancellationRequested) return null;
                using var scope = NewDisposeScope();
                var decisions = model.Label(batch.Images);
                for (int i = 0; i < cosines.Length; i++)
                {
                    using var values = decisions[i].ScaledCosine.to(ScalarType.Float32).cpu().contiguous().data<float>();
                    cosines[i].AddRange(values.ToArray());
                }
            }
        }
        return cosines;
    }

    /// <summary>The value that a share of the others is less than, in (0, 1].</summary>
    private static double Quantile(List<float> values, double share)
    {
        values.Sort();
        double value = Math.Round(values[Math.Min((int)Math.Ceiling(share * values.Count), values.Count - 1)], Decimals);
        return Math.Clamp(value, 1e-6, 1);
    }
}
