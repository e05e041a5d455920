using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>How near one half of a block comes to what it was before pruning, on the images that were used.</summary>
/// <param name="Block">Index over all blocks, from 0.</param>
/// <param name="Half">Which half.</param>
/// <param name="ErrorBefore">Before it is recovered: with mean shift the mean squared error of what it gives, with least squares that of the residual stream behind it,
/// so that what earlier halves could not make up for is in it; as a share of the variance of what the half gave.</param>
/// <param name="ErrorAfter">The same after its recovery.</param>
public sealed record HalfRecovery(int Block, BlockHalf Half, double ErrorBefore, double ErrorAfter);

/// <summary>Adjusts the layers behind removed channels, without labels and without training.</summary>
/// <remarks>Each removed channel was read by one linear layer: the attention's output projection, or the MLP's second layer. What
/// it contributed is predictable in part, from its mean or from the channels that remain, and that part goes into the layer.</remarks>
public static class ChannelRecovery
{
    /// <summary>Recovers a model in place.</summary>
    /// <param name="pruned">The model that <see cref="Surgery.ModelSlicer"/> made; its output projections, second MLP layers and their biases change.</param>
    /// <param name="dense">The model it was made from; not changed.</param>
    /// <param name="plan">The plan it was made by.</param>
    /// <param name="batches">Normalised images <c>[B, 3, H, W]</c>; each is disposed after use, and no more are asked for than needed.</param>
    /// <param name="options">The method.</param>
    /// <returns>The errors of every half before and after; empty for <see cref="RecoveryMethod.None"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the plan does not lead from one model to the other, or there are no images.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<HalfRecovery> Recover(VisionModel pruned, VisionModel dense, PruningPlan plan, IEnumerable<Tensor> batches, RecoveryOptions options)
    {
        ArgumentNullException.ThrowIfNull(pruned);
        ArgumentNullException.ThrowIfNull(dense);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        plan.Validate(dense.Configuration);
        if (!plan.Blocks.Select(block => block.Result).SequenceEqual(pruned.Configuration.Blocks))
            throw new ArgumentException("The pruned model has other sizes than the plan gives; recover what was sliced by this plan.", nameof(pruned));
        if (options.Method == RecoveryMethod.None) return [];
        CheckMasks(pruned, options);

        using var noGrad = no_grad();
        using var frozen = dense.Copy(requiresGrad: false);    // others may be using it
        var (precision, kernels) = (pruned.Precision, pruned.Kernels);
        frozen.Kernels = pruned.Kernels = KernelSelection.Standard;    // the same weights in every process
        pruned.Precision = ComputePrecision.Float32;
        pruned.eval();
        var pair = new RecoveryPair(frozen, pruned, plan);
        try
        {
            var images = Limited(batches, options);
            return options.Method == RecoveryMethod.LeastSquares ? LeastSquares.Apply(pair, images, options) : MeanShift.Apply(pair, images, options);
        }
        finally
        {
            pruned.WeightsChanged();
            (pruned.Precision, pruned.Kernels) = (precision, kernels);
        }
    }

    /// <summary>Refuses to fit weights that are held at zero: the fit would fill them.</summary>
    /// <exception cref="ArgumentException">The method fits weights, and the model has weight masks.</exception>
    internal static void CheckMasks(VisionModel model, RecoveryOptions options)
    {
        if (options.Method == RecoveryMethod.LeastSquares && model.WeightMasks.Count > 0)
            throw new ArgumentException("The model has masked weights, which recovery by least squares would fill; choose RecoveryMethod.MeanShift or None.", nameof(options));
    }

    /// <summary>At most as many images as the options allow.</summary>
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
