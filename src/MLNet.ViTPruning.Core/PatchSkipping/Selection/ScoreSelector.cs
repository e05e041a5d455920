using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Selection;

/// <summary>Selects by the scores of a layer's scorer: those above the threshold, or a fixed number.</summary>
/// <param name="scorers">The scorer of a layer.</param>
/// <param name="fixedCount">Whether each image keeps equally many.</param>
internal sealed class ScoreSelector(Func<int, PatchScorer> scorers, bool fixedCount) : IPatchSelector
{
    /// <inheritdoc/>
    public PatchSelection Select(LayerInput input)
    {
        using var noGrad = no_grad();
        return Select(scorers(input.Policy.Layer).Logits(input.Tokens, input.Pass), input.Policy, input.Prefix);
    }

    /// <summary>The selection that raw scores stand for.</summary>
    /// <param name="scores">Raw scores <c>[B, P]</c>.</param>
    /// <param name="policy">How the layer skips.</param>
    /// <param name="prefix">Tokens before the patches.</param>
    public PatchSelection Select(Tensor scores, PatchSkipLayer policy, int prefix) => fixedCount
        ? PatchSelection.Highest(scores, policy.PatchesKept!.Value, prefix)
        : PatchSelection.Above(scores, policy.ThresholdLogit, prefix);
}
