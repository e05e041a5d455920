using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>Fits every layer behind removed channels by itself: it reads the kept channels of the dense model and shall give what the
/// dense model's layer gives.</summary>
/// <remarks>One pass over the images; nothing is kept of them. With only the bias fitted this folds the mean of removed channels: with W the
/// layer's weights before and m the mean of its inputs over tokens and images, the bias grows by the sum of <c>W[:, c] m_c</c> over the
/// removed channels c.</remarks>
internal static class IndependentFit
{
    /// <summary>Fits all layers.</summary>
    /// <param name="pair">Both models.</param>
    /// <param name="batches">The images; not disposed.</param>
    /// <param name="fitsWeights">Whether weights change too, or only biases.</param>
    /// <param name="options">Ridge and progress.</param>
    public static List<HalfRecovery> Apply(RecoveryPair pair, IEnumerable<Tensor> batches, bool fitsWeights, RecoveryOptions options)
    {
        var halves = pair.Steps.Where(step => step.Half is not null).ToList();
        var equations = halves.ToDictionary(step => step, _ => new NormalEquations(fitsWeights));
        try
        {
            long done = 0;
            foreach (var images in batches)
            {
                AddImages(pair, images, equations);
                done += images.shape[0];
                options.Progress?.Report(Math.Min(1, (double)done / options.Images));
            }
            return [.. halves.Select(step => pair.Fit(step, equations[step], options.Ridge))];
        }
        finally
        {
            foreach (var sums in equations.Values) sums.Dispose();
        }
    }

    private static void AddImages(RecoveryPair pair, Tensor images, Dictionary<ModelStep, NormalEquations> equations)
    {
        using var scope = NewDisposeScope();
        var pass = pair.Dense.Begin(images);
        var x = pair.Dense.Enter(images, pass);                                             // [B, N, C]
        foreach (var step in pair.Steps)
        {
            if (step.Half is null)
            {
                x = pair.Dense.Take(step, x, pass);                                         // [B, N', C']
                continue;
            }
            using var inner = NewDisposeScope();
            var channels = pair.Dense.Channels(step, x, pass);                              // [B, N, d]
            var output = pair.Dense.Output(step, channels, pass);                           // [B, N, C]
            var kept = ModelSlicer.Select(channels, -1, pair.KeptInputs(step));             // [B, N, kept]
            equations[step].Add(kept, pair.Pruned.Output(step, kept, pass), pair.KeptOutputs(step, output));
            var next = pair.Dense.Add(step, x, output, pass);                               // [B, N, C]
            if (!ReferenceEquals(next, x)) x = next.MoveToOuterDisposeScope();
        }
    }
}
