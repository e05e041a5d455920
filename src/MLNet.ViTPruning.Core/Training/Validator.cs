using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>What a model does on the validation images.</summary>
/// <param name="Loss">Cross-entropy, mean over the images.</param>
/// <param name="Accuracy">Percent of the images whose label got the highest score.</param>
internal readonly record struct ValidationOutcome(double Loss, double Accuracy);

/// <summary>Measures a model on the validation images.</summary>
internal static class Validator
{
    /// <summary>Scores all images.</summary>
    /// <param name="forward">Logits <c>[B, numClasses]</c> of images: a model in evaluation mode.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="batches">The images.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>What it did, or null where it was cancelled.</returns>
    public static ValidationOutcome? Measure(Func<Tensor, Tensor> forward, Device device, IEnumerable<TrainingBatch> batches, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var sums = zeros([2], ScalarType.Float64, device); // loss, correct
        long images = 0;
        foreach (var batch in batches)
        {
            using (batch)
            {
                if (cancellation.IsCancellationRequested) return null;
                using var scope = NewDisposeScope();
                var logits = forward(batch.Images);                                                     // [B, K]
                var loss = (batch.Targets * logits.log_softmax(1)).sum().neg();
                var correct = logits.argmax(1).eq(batch.Targets.argmax(1)).sum();
                sums.add_(stack([loss.to(ScalarType.Float64), correct.to(ScalarType.Float64)]));        // [2]
                images += batch.Indices.Length;
            }
        }
        using var onHost = sums.cpu();
        using var values = onHost.data<double>();
        double[] both = values.ToArray();
        return new ValidationOutcome(both[0] / images, 100 * both[1] / images);
    }
}
