using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Training;

/// <summary>Binary cross-entropy on the raw scores of every layer, both classes of a layer weighed alike; mean over the layers.</summary>
/// <remarks>The labels are those of <see cref="PatchSkipModel.Label"/>: each layer sees what skipping left of the image.</remarks>
/// <param name="model">The model whose scorers learn.</param>
internal sealed class ScorerObjective(PatchSkipModel model) : TrainingObjective
{
    private readonly Lazy<string> _hash = new(() => WeightsHash.Of(model.Backbone));

    /// <inheritdoc/>
    public override string Description => $"scorers on weights {_hash.Value[..16]}";

    /// <inheritdoc/>
    public override Tensor Loss(TrainingStep step)
    {
        using var scope = NewDisposeScope();
        var losses = model.Label(step.Images).Select(d => ScorerLoss.Of(d.Logits, d.Labels!)).ToArray();
        return stack(losses).mean().MoveToOuterDisposeScope();
    }
}

/// <summary>The loss of one layer's scorer.</summary>
internal static class ScorerLoss
{
    /// <summary>The largest weight of a class. Labels of a layer that are nearly all alike would otherwise be learnt from a handful of patches.</summary>
    public const double LargestWeight = 5;

    /// <summary>Balanced binary cross-entropy.</summary>
    /// <param name="logits">Raw scores <c>[B, P]</c>.</param>
    /// <param name="labels">1 for patches to compute, 0 for others, <c>[B, P]</c>.</param>
    /// <returns>A scalar, mean over the patches; owned by the caller.</returns>
    public static Tensor Of(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var share = labels.mean();
        var weights = labels * Weight(share) + (1 - labels) * Weight(1 - share);                     // [B, P]
        return (weights * (logits.softplus() - logits * labels)).mean().MoveToOuterDisposeScope();   // softplus(z) - y z is the cross-entropy
    }

    /// <summary>What balanced training adds to the raw score of a layer: the logarithm of both weights' ratio. A threshold moved by as much asks
    /// for equal probabilities in every layer, however rare its labels are.</summary>
    /// <param name="share">Share of labels that are 1.</param>
    public static double LogitShift(double share) => Math.Log(Weight(share) / Weight(1 - share));

    private static double Weight(double share) => Math.Min(0.5 / Math.Max(share, 1e-9), LargestWeight);

    private static Tensor Weight(Tensor share) => (0.5 / share.clamp_min(1e-9)).clamp_max(LargestWeight);
}
