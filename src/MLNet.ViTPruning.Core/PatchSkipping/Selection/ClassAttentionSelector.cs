using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Selection;

/// <summary>Selects a fixed number of patches: those that the class token looks at most in this very layer.</summary>
/// <remarks>Source of the rule: Xu et al., "No Token Left Behind" (arXiv:2310.05654). Written from the paper.</remarks>
internal sealed class ClassAttentionSelector : IPatchSelector
{
    /// <inheritdoc/>
    public PatchSelection Select(LayerInput input)
    {
        var context = input.Context; // with gradients where there are any: the layer goes on with it
        using var noGrad = no_grad();
        var shares = input.Block.SharesOfFirst(context, input.Pass);                        // [B, N]
        return PatchSelection.Highest(shares.narrow(1, input.Prefix, input.Patches), input.Policy.PatchesKept!.Value, input.Prefix);
    }
}
