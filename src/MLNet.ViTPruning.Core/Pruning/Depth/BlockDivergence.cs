using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>Scores every pair of halves that could go by the KL divergence of the model without it from a reference.</summary>
/// <remarks>A candidate shares with the others all that comes before it, so one pass along the model serves all of them and each
/// costs only what comes after it. Log-probabilities, divergences and sums are in double.</remarks>
internal static class BlockDivergence
{
    /// <summary>The reference's log-probabilities, batch by batch.</summary>
    /// <param name="model">The model that is to be approximated.</param>
    /// <param name="batches">Normalised images <c>[B, 3, H, W]</c>; disposed after use.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    /// <returns>Float64 log-probabilities <c>[B, numClasses]</c> on the model's device, owned by the caller.</returns>
    public static List<Tensor> Reference(VisionModel model, IEnumerable<Tensor> batches, CancellationToken cancellationToken)
    {
        var steps = new ModelSteps(model);
        var reference = new List<Tensor>();
        using var noGrad = no_grad();
        foreach (var images in batches)
        {
            using (images)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var pass = steps.Begin(images);
                reference.Add(PredictionDivergence.LogProbabilities(steps.Finish(steps.Steps, steps.Enter(images, pass), pass)).DetachFromDisposeScope());
            }
        }
        return reference;
    }

    /// <summary>Scores all candidates.</summary>
    /// <param name="model">The model to remove from, in evaluation mode.</param>
    /// <param name="pairs">The candidates: pairs of steps, ascending, nothing but left-out steps between the two.</param>
    /// <param name="batches">The images of <paramref name="reference"/>, in the same batches; disposed after use.</param>
    /// <param name="reference">What <see cref="Reference"/> returned.</param>
    /// <param name="progress">Is told how much is done, in [0, 1], or null.</param>
    /// <param name="cancellationToken">Checked before each candidate.</param>
    /// <returns>For each pair the divergence in nats, summed over the images.</returns>
    /// <exception cref="ArgumentException">There are other batches than before.</exception>
    public static double[] Score(VisionModel model, IReadOnlyList<(ModelStep First, ModelStep Second)> pairs, IEnumerable<Tensor> batches,
        IReadOnlyList<Tensor> reference, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var steps = new ModelSteps(model);
        var sums = new double[pairs.Count];
        int batch = 0;
        using var noGrad = no_grad();
        foreach (var images in batches)
        {
            using (images)
            {
                if (batch >= reference.Count || reference[batch].shape[0] != images.shape[0])
                    throw new ArgumentException("The proxy images came in other batches than the first time; the source must give the same images each time it is asked.", nameof(batches));
                using var scope = NewDisposeScope();
                ScoreBatch(steps, pairs, images, reference[batch++], sums, cancellationToken);
                progress?.Report((double)batch / reference.Count);
            }
        }
        return batch == reference.Count ? sums : throw new ArgumentException($"There are {batch} batches of proxy images; the first time there were {reference.Count}.", nameof(batches));
    }

    private static void ScoreBatch(ModelSteps steps, IReadOnlyList<(ModelStep First, ModelStep Second)> pairs, Tensor images, Tensor reference, double[] sums, CancellationToken cancellationToken)
    {
        var pass = steps.Begin(images);
        var x = steps.Enter(images, pass);                                      // [B, N, C]
        int next = 0;
        for (int i = 0; next < pairs.Count; i++)
        {
            var step = steps.Steps[i];
            while (next < pairs.Count && pairs[next].First == step)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var second = pairs[next].Second;
                var rest = steps.Steps.Skip(i + 1).Where(other => other != second);
                var logits = steps.Finish(rest, x.clone(), pass);               // [B, numClasses]
                sums[next++] += PredictionDivergence.Of(reference, PredictionDivergence.LogProbabilities(logits)).sum().ToDouble();
            }
            var before = x;
            x = steps.Take(step, x, pass);                                      // [B, N, C]
            if (!ReferenceEquals(before, x)) before.Dispose();                  // one stream at a time
        }
    }
}
