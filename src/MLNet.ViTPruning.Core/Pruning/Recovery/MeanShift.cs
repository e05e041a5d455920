using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>Folds the mean of removed channels into the bias of the layer that read them: with W the layer's weights before and m the mean of its
/// inputs over tokens and images, the bias grows by the sum of <c>W[:, c] m_c</c> over the removed channels c.</summary>
/// <remarks>For channels that were removed. One pass over the images, through the dense model; nothing is kept of them.</remarks>
internal static class MeanShift
{
    /// <summary>Shifts the biases of all output layers.</summary>
    /// <param name="pair">Both models.</param>
    /// <param name="batches">The images; not disposed.</param>
    /// <param name="options">Progress and number of images.</param>
    public static List<HalfRecovery> Apply(RecoveryPair pair, IEnumerable<Tensor> batches, RecoveryOptions options)
    {
        var halves = pair.Pruned.Steps.Where(step => step.Half is not null).ToList();
        var equations = halves.ToDictionary(step => step, _ => new NormalEquations(fitsWeights: false));
        try
        {
            long done = 0;
            foreach (var images in batches)
            {
                AddImages(pair, images, equations);
                done += images.shape[0];
                options.Progress?.Report(Math.Min(1, (double)done / options.Images));
            }
            return [.. halves.Select(step => pair.Fit(step, equations[step], ridge: 0))];
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
        foreach (var step in pair.Pruned.Steps)
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
            var target = pair.KeptOutputs(step, output);                                    // [B, N, C kept]
            equations[step].Add(kept, target - pair.Pruned.Output(step, kept, pass), target);
            var next = pair.Dense.Add(step, x, output, pass);                               // [B, N, C]
            if (!ReferenceEquals(next, x)) x = next.MoveToOuterDisposeScope();
        }
    }
}
