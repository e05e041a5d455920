using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>Fits the layers behind removed channels one after the other: each reads what the pruned model, fitted so far, gives it, and
/// shall give what the dense model's layer gives.</summary>
/// <remarks>For pruning after which a layer's inputs are no longer a part of the dense model's: merged heads, a narrower residual
/// stream. The streams of all images are held, in both models.</remarks>
internal static class SequentialFit
{
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
                using var equations = new NormalEquations(fitsWeights: true);
                foreach (var stream in streams)
                {
                    options.CancellationToken.ThrowIfCancellationRequested();
                    if (step.Half is not null) stream.Measure(pair, step, equations);
                }
                if (step.Half is not null) report.Add(pair.Fit(step, equations, options.Ridge));
                foreach (var stream in streams) stream.Advance(pair, step);
                options.Progress?.Report((i + 1.0) / pair.Steps.Count);
            }
            return report;
        }
        finally
        {
            foreach (var stream in streams) stream.Dispose();
        }
    }
}
