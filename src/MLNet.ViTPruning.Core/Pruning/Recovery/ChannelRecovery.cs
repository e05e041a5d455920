using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

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
        RecoveryRun.CheckMasks(pruned, options);
        return RecoveryRun.Apply(pruned, dense, original => RecoveryPair.Of(original, pruned, plan), batches, options,
            (pair, images) => options.Method == RecoveryMethod.LeastSquares ? StreamFit.Apply(pair, images, fitsWeights: true, options) : MeanShift.Apply(pair, images, options));
    }
}
