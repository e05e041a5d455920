using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>What all recoveries have in common: a frozen original, one number format, no more images than asked for.</summary>
internal static class RecoveryRun
{
    /// <summary>Runs a recovery.</summary>
    /// <param name="pruned">The model that is changed.</param>
    /// <param name="dense">The model it was made from; others may be using it, so a copy is read.</param>
    /// <param name="makePair">Makes the pair of that copy and the pruned model.</param>
    /// <param name="batches">The images; each is disposed after use.</param>
    /// <param name="options">The options.</param>
    /// <param name="fit">Fits the pruned model of a pair on images that it does not dispose.</param>
    public static IReadOnlyList<HalfRecovery> Apply(VisionModel pruned, VisionModel dense, Func<VisionModel, RecoveryPair> makePair, IEnumerable<Tensor> batches,
        RecoveryOptions options, Func<RecoveryPair, IEnumerable<Tensor>, List<HalfRecovery>> fit)
    {
        using var noGrad = no_grad();
        using var frozen = dense.Copy(requiresGrad: false);
        var (precision, kernels) = (pruned.Precision, pruned.Kernels);
        frozen.Kernels = pruned.Kernels = KernelSelection.Standard;    // the same weights in every process
        pruned.Precision = ComputePrecision.Float32;
        pruned.eval();
        try
        {
            return fit(makePair(frozen), Limited(batches, options));
        }
        finally
        {
            pruned.WeightsChanged();
            (pruned.Precision, pruned.Kernels) = (precision, kernels);
        }
    }

    /// <summary>Refuses to fit weights that are held at zero: the fit would fill them.</summary>
    /// <exception cref="ArgumentException">The method fits weights, and the model has weight masks.</exception>
    public static void CheckMasks(VisionModel model, RecoveryOptions options)
    {
        if (options.Method == RecoveryMethod.LeastSquares && model.WeightMasks.Count > 0)
            throw new ArgumentException("The model has masked weights, which recovery by least squares would fill; choose RecoveryMethod.MeanShift or None.", nameof(options));
    }

    private static IEnumerable<Tensor> Limited(IEnumerable<Tensor> batches, RecoveryOptions options)
    {
        long left = options.Images;
        foreach (var batch in batches)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            using (batch)
            {
                using var part = batch.narrow(0, 0, Math.Min(left, batch.shape[0]));
                left -= part.shape[0];
                yield return part;
            }
            if (left == 0) yield break;
        }
        if (left == options.Images) throw new ArgumentException("There are no images to recover from.", nameof(batches));
    }
}
