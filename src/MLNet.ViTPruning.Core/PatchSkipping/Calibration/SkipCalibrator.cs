using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Validation;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>Fits what a model keeps to a target of multiply-adds.</summary>
/// <remarks>Thresholds have one free number: the probability of being worth computing below which a patch is skipped, the same in every
/// layer; what balanced labels did to each layer's scores is taken back out first. What a layer skips changes what later layers see, so
/// every candidate is measured on the images. The numbers are then fixed. A layer that keeps nearly everything, so that its scorer costs about
/// what it saves, stops skipping.</remarks>
public static class SkipCalibrator
{
    /// <summary>A fit ends where the saved share is as near as this to its target.</summary>
    public const double Tolerance = 0.001;

    private const double FarthestLogit = 20; // 2e-9 from certainty
    private const int MostPasses = 24;
    private const double LeastWorth = 0.02; // of a layer's multiply-adds, its scorer's subtracted: what takes longer to skip than to compute

    /// <summary>Fits a model in place.</summary>
    /// <param name="model">The model; its configuration is replaced.</param>
    /// <param name="macsSaved">Share of the dense model's executed multiply-adds to save, in (0, 1).</param>
    /// <param name="images">Images to measure on, not those that are reported on; not needed where the number of patches is fixed.</param>
    /// <param name="options">Batch size, loader threads and cancellation are heeded.</param>
    /// <returns>What it gave, or <see langword="null"/> where it was cancelled: the model is then as it was.</returns>
    /// <exception cref="ArgumentException">The target is out of its range or cannot be met, or there are no images.</exception>
    public static SkipCalibration? Fit(PatchSkipModel model, double macsSaved, ITrainingImages? images, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        Check.All(
            Check.InRange(macsSaved, 0, 1, lowerExclusive: true),
            Check.That(model.Configuration.Method != PatchSkipMethod.Learned || images is { Count: > 0 }, "images are missing; thresholds are fitted on images."));
        if (model.Configuration.Method != PatchSkipMethod.Learned)
        {
            model.Configuration = SkipBudget.Fixed(model.Backbone.Configuration, model.Configuration, macsSaved);
            return new SkipCalibration(macsSaved, model.Macs.Saved(model.Macs.Executed()), 0, 0);
        }
        var (before, kernels) = (model.Configuration, model.Backbone.Kernels);
        using var noGrad = no_grad();
        using var loader = new BatchLoader(images!, model.Backbone.Configuration, options, 0, model.Backbone.parameters().First().device);
        model.eval();
        (double Saved, int Passes)? found = null;
        model.Backbone.Kernels = KernelSelection.Standard; // the same thresholds each time, to the bit
        try
        {
            found = new Search(model, loader, options.CancellationToken).Run(macsSaved, out var worth);
            // A scorer that costs as much as its layer is spared goes, and the others are fitted to what it leaves them to save.
            var layers = model.Configuration.Layers.Where((_, i) => worth[i] >= LeastWorth).ToList();
            var fewer = model.Configuration with { Layers = layers };
            if (found is { } first && layers.Count < worth.Length && layers.Count > 0 && CanSave(model, fewer, macsSaved))
            {
                model.Configuration = fewer;
                found = new Search(model, loader, options.CancellationToken).Run(macsSaved, out _) is { } again ? (again.Saved, first.Passes + again.Passes) : null;
            }
        }
        finally
        {
            model.Backbone.Kernels = kernels;
            if (found is null) model.Configuration = before;
        }
        return found is { } result ? new SkipCalibration(macsSaved, result.Saved, images!.Count, result.Passes) : null;
    }

    private static bool CanSave(PatchSkipModel model, PatchSkipConfiguration configuration, double macsSaved) =>
        SkipBudget.MostSaved(model.Backbone.Configuration, configuration with { Method = PatchSkipMethod.LearnedTopK }) > macsSaved + Tolerance;

    /// <summary>The same layers, none of which skips. Only for methods with scorers.</summary>
    internal static PatchSkipConfiguration ComputingAll(PatchSkipConfiguration configuration) => configuration with
    {
        Method = PatchSkipMethod.Learned,
        Layers = [.. configuration.Layers.Select(layer => layer with { ScoreThreshold = 0, PatchesKept = null })],
    };

    /// <summary>The search for one threshold.</summary>
    private sealed class Search(PatchSkipModel model, BatchLoader images, CancellationToken cancellation)
    {
        private readonly PatchSkipConfiguration _configuration = model.Configuration;
        private double[] _shifts = [];
        private double[] _worth = new double[model.Configuration.Layers.Count];    // of the candidate that was measured last
        private int _passes;

        /// <param name="target">Share of the multiply-adds to save.</param>
        /// <param name="worth">For each layer the share of its multiply-adds that is saved in the end, those of its scorer subtracted.</param>
        public (double Saved, int Passes)? Run(double target, out double[] worth)
        {
            worth = _worth;
            // Labels where nothing is skipped: a fit must not depend on the thresholds that an earlier one left.
            model.Configuration = ComputingAll(_configuration);
            if (Shifts() is not { } shifts) return null;
            _shifts = shifts;
            (double At, double Saved) low = (-FarthestLogit, double.NaN), high = (FarthestLogit, double.NaN), best = (0, double.NaN);
            double at = 0, step = 1;
            bool interpolates = true;
            while (_passes < MostPasses)
            {
                if (Measure(at) is not { } saved) return null;
                if (double.IsNaN(best.Saved) || Math.Abs(saved - target) < Math.Abs(best.Saved - target)) (best, worth) = ((at, saved), _worth);
                if (Math.Abs(saved - target) <= Tolerance || high.At - low.At < 1e-9) break;
                if (saved < target) low = (at, saved);
                else high = (at, saved);
                if (low.At >= FarthestLogit) break;
                // Steps that double until the target lies between two candidates. What lies between is then interpolated and halved in turns.
                at = double.IsNaN(high.Saved) ? Math.Min(low.At + step, FarthestLogit)
                    : double.IsNaN(low.Saved) ? Math.Max(high.At - step, -FarthestLogit)
                    : interpolates ? low.At + (high.At - low.At) * (target - low.Saved) / (high.Saved - low.Saved) : (low.At + high.At) / 2;
                interpolates = double.IsNaN(high.Saved) || double.IsNaN(low.Saved) || !interpolates;
                step *= 2;
                if (double.IsNaN(low.Saved) && high.At <= -FarthestLogit) break;
            }
            if (double.IsNaN(high.Saved) && best.Saved < target - Tolerance) throw SkipBudget.CannotSave(target, best.Saved, _configuration);
            model.Configuration = With(best.At);
            return (best.Saved, _passes);
        }

        /// <summary>The mean share saved with a threshold, or null where it was cancelled.</summary>
        private double? Measure(double at)
        {
            model.Configuration = With(at);
            _passes++;
            var macs = model.Macs;
            double executed = 0;
            double[] layers = new double[_worth.Length];
            long count = 0;
            foreach (var batch in images.InOrder())
            {
                using (batch)
                {
                    if (cancellation.IsCancellationRequested) return null;
                    using var result = model.Run(batch.Images);
                    executed += result.Images.Sum(image => (double)image.ExecutedMacs);
                    for (int i = 0; i < layers.Length; i++) layers[i] += result.Images.Sum(image => (double)macs.Layer(_configuration.Layers[i].Layer, image.Tokens[i] - macs.Prefix));
                    count += result.Images.Count;
                }
            }
            _worth = [.. layers.Select((sum, i) => 1 - sum / count / macs.Whole(_configuration.Layers[i].Layer))];
            return macs.Saved(executed / count);
        }

        private PatchSkipConfiguration With(double at) => _configuration with
        {
            Layers = [.. _configuration.Layers.Select((layer, i) => layer with { ScoreThreshold = Score(Math.Clamp(at + _shifts[i], -FarthestLogit, FarthestLogit)) })],
        };

        private static double Score(double logit) => 1 / (1 + Math.Exp(-logit));

        /// <summary>What balanced labels did to each layer's scores, or null where it was cancelled.</summary>
        private double[]? Shifts()
        {
            double[] kept = new double[_configuration.Layers.Count];
            long count = 0;
            foreach (var batch in images.InOrder())
            {
                using (batch)
                {
                    if (cancellation.IsCancellationRequested) return null;
                    using var scope = NewDisposeScope();
                    var decisions = model.Label(batch.Images);
                    for (int i = 0; i < kept.Length; i++) kept[i] += decisions[i].Labels!.to(ScalarType.Float64).sum().item<double>();
                    count += decisions[0].Mask.numel();
                }
            }
            return [.. kept.Select(sum => ScorerLoss.LogitShift(sum / count))];
        }
    }
}
