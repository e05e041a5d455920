using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>Adjusts the layers around removed halves of blocks, without labels and without training.</summary>
/// <remarks>Each half that remains is fitted to bring the residual stream to where the original's is before the next half that remains: so it also
/// gives what can be told of the halves between. With <see cref="RecoveryMethod.MeanShift"/> only biases change.</remarks>
public static class DepthRecovery
{
    /// <summary>Recovers a model in place.</summary>
    /// <param name="shallower">What <see cref="DepthSurgery"/> made; its output projections, second MLP layers and their biases change.</param>
    /// <param name="dense">The model it was made from, whatever was trained or recovered since; not changed.</param>
    /// <param name="removed">All halves of <paramref name="dense"/> that are gone.</param>
    /// <param name="batches">Normalised images <c>[B, 3, H, W]</c>; each is disposed after use, and no more are asked for than needed.</param>
    /// <param name="options">The method.</param>
    /// <returns>The errors of every half that remains, by the blocks of <paramref name="shallower"/>; empty for <see cref="RecoveryMethod.None"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the removal does not lead from one model to the other, or there are no images.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<HalfRecovery> Recover(VisionModel shallower, VisionModel dense, IEnumerable<BlockHalfId> removed, IEnumerable<Tensor> batches, RecoveryOptions options)
    {
        ArgumentNullException.ThrowIfNull(shallower);
        ArgumentNullException.ThrowIfNull(dense);
        ArgumentNullException.ThrowIfNull(removed);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var gone = removed.ToHashSet();
        var structure = DepthSurgery.Structure(dense.Configuration, DepthSurgery.BlocksWithout(dense.Configuration, gone));
        if (!structure.Blocks.SequenceEqual(shallower.Configuration.Blocks))
            throw new ArgumentException("The shallower model has other blocks than the removal leaves; recover what was made by it.", nameof(shallower));
        if (options.Method == RecoveryMethod.None) return [];
        RecoveryRun.CheckMasks(shallower, options);
        var remaining = ModelSteps.Of(dense.Configuration).Where(step => step.Half is not null).Select(step => new BlockHalfId(step.Block, step.Half!.Value)).Except(gone).ToHashSet();
        return RecoveryRun.Apply(shallower, dense, original => RecoveryPair.Of(original, shallower, remaining), batches, options,
            (pair, images) => StreamFit.Apply(pair, images, options.Method == RecoveryMethod.LeastSquares, options));
    }
}
