using System.Diagnostics;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>What a target of measured time comes to.</summary>
/// <param name="TimeSaved">Share of the dense model's time that was to be saved.</param>
/// <param name="MeasuredTimeSaved">Share that was saved at <paramref name="MacsSaved"/>.</param>
/// <param name="MacsSaved">Share of the executed multiply-adds that it takes: the target to train and calibrate for.</param>
/// <param name="BatchSize">Images of the batch that was timed.</param>
public sealed record SkipTimeTarget(double TimeSaved, double MeasuredTimeSaved, double MacsSaved, int BatchSize);

/// <summary>Turns a target of measured time into one of multiply-adds.</summary>
/// <remarks>How long a layer takes depends on how many patches it computes, not on which. So the model is timed with fixed numbers of patches, in
/// turns with its dense backbone, on this machine as it is now, before anything is trained. Times are noisy, so the answer varies from
/// call to call; a training keeps the first one.</remarks>
public static class SkipTimeBudget
{
    private const int Halvings = 6, Rounds = 7, WarmUps = 2;

    /// <summary>Finds the least share of multiply-adds to save that saves a share of the time.</summary>
    /// <param name="model">The model; its configuration is the same afterwards. It is in evaluation mode.</param>
    /// <param name="timeSaved">Share of the dense model's time to save, in (0, 1).</param>
    /// <param name="batchSize">Images of a batch.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <returns>The target of multiply-adds.</returns>
    /// <exception cref="ArgumentException">The target is out of its range, or these layers cannot save as much time.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SkipTimeTarget Find(PatchSkipModel model, double timeSaved, int batchSize = 32, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        Check.All(Check.InRange(timeSaved, 0, 1, lowerExclusive: true), Check.AtLeast(batchSize, 1));
        var before = model.Configuration;
        var sizes = model.Backbone.Configuration;
        var counted = before.Method == PatchSkipMethod.Learned ? before with { Method = PatchSkipMethod.LearnedTopK } : before;
        using var noGrad = no_grad();
        model.eval();
        long side = sizes.ImageSize;
        using var images = linspace(-1, 1, batchSize * 3 * side * side, device: model.Backbone.parameters().First().device).view(batchSize, 3, side, side);
        try
        {
            return Search(timeSaved, SkipBudget.MostSaved(sizes, counted), batchSize, Measure, $"{before.Method} in {before.Layers.Count} layers");
        }
        finally
        {
            model.Configuration = before;
        }

        double Measure(double macsSaved)
        {
            model.Configuration = SkipBudget.Fixed(sizes, counted, macsSaved);
            return 1 - Ratio(() => model.forward(images), () => model.Backbone.forward(images), cancellationToken);
        }
    }

    /// <summary>The least share of multiply-adds, to a 64th of the most, that saves the time.</summary>
    /// <param name="timeSaved">Share of the time to save.</param>
    /// <param name="mostMacsSaved">Share of the multiply-adds that can be saved.</param>
    /// <param name="batchSize">Images of the batch that is timed.</param>
    /// <param name="measure">Gives the share of the time that is saved where a share of the multiply-adds is.</param>
    /// <param name="what">What is timed, for the message.</param>
    internal static SkipTimeTarget Search(double timeSaved, double mostMacsSaved, int batchSize, Func<double, double> measure, string what)
    {
        double high = mostMacsSaved, low = 0, reached = measure(high);
        if (reached < timeSaved)
            throw new ArgumentException(FormattableString.Invariant(
                $"A target of {timeSaved} of the time cannot be saved by {what}, at most {reached:0.000} on this machine; lower the target, or give more layers."));
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2, saved = measure(middle);
            if (saved >= timeSaved) (high, reached) = (middle, saved);
            else low = middle;
        }
        return new SkipTimeTarget(timeSaved, reached, high, batchSize);
    }

    /// <summary>How long one takes beside the other: the median over rounds in which both run.</summary>
    private static double Ratio(Func<Tensor> one, Func<Tensor> other, CancellationToken cancellation)
    {
        var ratios = new List<double>();
        for (int round = 0; round < WarmUps + Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            double ratio = Seconds(one) / Seconds(other);
            if (round >= WarmUps) ratios.Add(ratio);
        }
        ratios.Sort();
        return ratios[ratios.Count / 2];
    }

    private static double Seconds(Func<Tensor> work)
    {
        long start = Stopwatch.GetTimestamp();
        using var result = work();
        using var host = result.cpu(); // a GPU has finished
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
