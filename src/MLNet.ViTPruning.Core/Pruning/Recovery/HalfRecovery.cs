using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>How near one half of a block comes to what it was before pruning, on the images that were used.</summary>
/// <param name="Block">Index over all blocks of the pruned model, from 0.</param>
/// <param name="Half">Which half.</param>
/// <param name="ErrorBefore">Before it is recovered: the mean squared error of the residual stream behind it, in which is what earlier halves could not make up
/// for; of what the half gives alone where <see cref="RecoveryMethod.MeanShift"/> follows a cut of channels. As a share of the variance of what
/// it gave.</param>
/// <param name="ErrorAfter">The same after its recovery.</param>
public sealed record HalfRecovery(int Block, BlockHalf Half, double ErrorBefore, double ErrorAfter);
