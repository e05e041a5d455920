using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>Finds what each layer's scorer is to be taught, so that as many patches are worth computing as may be computed.</summary>
/// <remarks>Layers change patches to very different degrees, and models do: one scaled cosine for all of them leaves some scorers with labels that are all
/// alike. Each layer's threshold is therefore a quantile of its own where nothing is skipped. Shares of importance can be compared: one
/// threshold for all layers gives those more that matter more.</remarks>
internal static class LabelThresholds
{
    private const int Decimals = 6; // more than labels depend on, fewer than kernels of different order agree in
    private const double UsualShare = 0.5, LeastShare = 1e-12;
    private const int Halvings = 60;

    /// <summary>Sets every layer's <see cref="PatchSkipLayer.ScaledCosineThreshold"/>, or the <see cref="PatchSkipConfiguration.ImportanceThreshold"/>.</summary>
    /// <param name="model">The model; its configuration is replaced.</param>
    /// <param name="macsSaved">Share of the executed multiply-adds to save, in (0, 1); without it half of the patches shall be worth computing.</param>
    /// <param name="images">Images to measure on.</param>
    /// <param name="options">Batch size, loader threads and cancellation are heeded.</param>
    /// <returns>Whether it was done; a cancellation leaves the model as it was.</returns>
    /// <exception cref="ArgumentException">The layers cannot save as much.</exception>
    public static bool Fit(PatchSkipModel model, double? macsSaved, ITrainingImages images, TrainingOptions options)
    {
        var before = model.Configuration;
        bool important = before.Labels == SkipLabels.Importance;
        double share = macsSaved is { } saved ? SkipBudget.KeptShare(model, saved) : UsualShare;
        var found = DensePass.Over(model, images, options, batch => Collected(model, batch, important));
        if (found is null) return false;
        model.Configuration = important
            ? before with { ImportanceThreshold = macsSaved is { } target ? Shared(model, found, target) : Quantile(found.SelectMany(batch => batch.SelectMany(layer => layer)), 1 - share) }
            : before with { Layers = [.. before.Layers.Select((layer, i) => layer with { ScaledCosineThreshold = Cosine(found, i, share) })] };
        return true;
    }

    /// <summary>Values of a batch, layer by layer and within them image by image and patch by patch.</summary>
    private static float[][] Collected(PatchSkipModel model, Tensor images, bool important)
    {
        using var scope = NewDisposeScope();
        var values = important ? model.Importance(images) : model.Label(images).Select(decision => decision.ScaledCosine!);
        return [.. values.Select(Host)];
    }

    private static float[] Host(Tensor values)
    {
        using var host = values.to(ScalarType.Float32).cpu().contiguous().data<float>();
        return host.ToArray();
    }

    private static double Cosine(IEnumerable<float[][]> batches, int layer, double share) =>
        Math.Clamp(Math.Round(Quantile(batches.SelectMany(batch => batch[layer]), share), Decimals), 1e-6, 1);

    /// <summary>The value that a share of all others is less than.</summary>
    private static double Quantile(IEnumerable<float> values, double share)
    {
        float[] sorted = [.. values.Order()];
        return sorted[Math.Min((int)Math.Ceiling(share * sorted.Length), sorted.Length - 1)];
    }

    /// <summary>The least share of importance above which patches are computed so that the target is met: halved on a logarithmic scale.</summary>
    private static double Shared(PatchSkipModel model, IReadOnlyList<float[][]> batches, double target)
    {
        var macs = model.Macs;
        int patches = model.Backbone.Configuration.ResolutionOf(0) * model.Backbone.Configuration.ResolutionOf(0);
        var (low, high) = (Math.Log(LeastShare), 0.0);
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Saved(Math.Exp(middle)) >= target) high = middle;
            else low = middle;
        }
        return double.Parse(Math.Exp(high).ToString($"G{Decimals}", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);

        double Saved(double threshold)
        {
            double executed = 0;
            int images = 0;
            foreach (var batch in batches)
            {
                for (int image = 0; image < batch[0].Length / patches; image++, images++)
                    executed += macs.Executed([.. batch.Select(layer => Above(layer.AsSpan(image * patches, patches), threshold))]);
            }
            return macs.Saved(executed / images);
        }
    }

    private static int Above(ReadOnlySpan<float> values, double threshold)
    {
        int count = 0;
        foreach (float value in values)
            if (value > threshold) count++;
        return count;
    }
}
