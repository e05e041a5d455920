using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>Fits the output layers of all halves one after the other: each reads what the pruned model, fitted so far, gives it, and shall bring the
/// residual stream back to where the dense model's is.</summary>
/// <remarks>So each half makes up, as far as it can, for what those before it could not, whether it lost channels itself or not, and the tokens
/// that the head reads count more than others. Where each was fitted to what it gave before, all tokens alike, ViT-Tiny with half of its
/// multiply-adds kept 64 instead of 72 percent on CIFAR-100 (256 images; 500 others to measure). The streams of all images are held, in both models.</remarks>
internal static class LeastSquares
{
    /// <summary>Fits all layers.</summary>
    /// <param name="pair">Both models.</param>
    /// <param name="batches">The images; not disposed.</param>
    /// <param name="options">Ridge and progress.</param>
    public static List<HalfRecovery> Apply(RecoveryPair pair, IEnumerable<Tensor> batches, RecoveryOptions options)
    {
        var report = new List<HalfRecovery>();
        var streams = new List<StreamPair>();
        try
        {
            foreach (var images in batches) streams.Add(new StreamPair(pair, images));
            for (int i = 0; i < pair.Steps.Count; i++)
            {
                var step = pair.Steps[i];
                if (step.Half is null) streams.ForEach(stream => stream.TakeDense(pair, step));
                else report.Add(Fit(pair, step, streams, options));
                streams.ForEach(stream => stream.TakePruned(pair, step));
                options.Progress?.Report((i + 1.0) / pair.Steps.Count);
            }
            return report;
        }
        finally
        {
            foreach (var stream in streams) stream.Dispose();
        }
    }

    private static HalfRecovery Fit(RecoveryPair pair, ModelStep step, List<StreamPair> streams, RecoveryOptions options)
    {
        using var equations = new NormalEquations(fitsWeights: true);
        foreach (var stream in streams)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            stream.Measure(pair, step, equations);
        }
        return pair.Fit(step, equations, options.Ridge, pair.Gains(step));
    }
}
