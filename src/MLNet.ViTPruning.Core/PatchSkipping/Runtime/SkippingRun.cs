using MLNet.ViTPruning.Models.Layers;
using MLNet.ViTPruning.PatchSkipping.Selection;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Runtime;

/// <summary>Layers that compute the selected patches; the others idle and may come back later.</summary>
/// <param name="configuration">Which layers skip.</param>
/// <param name="selector">Selects the patches.</param>
/// <param name="shiftOf">What idle patches of a layer get, or null.</param>
/// <param name="prefix">Tokens before the patches.</param>
/// <param name="images">The images of the batch.</param>
/// <param name="pass">The forward pass.</param>
/// <param name="record">Receives what was decided, or null.</param>
internal sealed class SkippingRun(
    PatchSkipConfiguration configuration, IPatchSelector selector, Func<int, Tensor?> shiftOf, int prefix, ImageKeys images, ForwardPass pass, SkipRecord? record) : ILayerRun
{
    /// <inheritdoc/>
    public Tensor Apply(TransformerBlock block, int layer, Tensor x, int? keep)
    {
        if (configuration.Of(layer) is not { } policy) return block.Apply(x, pass, keep);
        using var scope = NewDisposeScope();
        var input = new LayerInput(x, prefix, policy, block, pass, images);
        var selection = selector.Select(input);
        record?.Add(selection);
        var context = configuration.ContextAttention ? input.KnownContext : null;
        var result = block.ApplyToKept(x, selection.Kept, configuration.ContextAttention, context, shiftOf(layer), pass);
        return ReferenceEquals(result, x) ? x : result.MoveToOuterDisposeScope(); // [B, N, C]
    }
}
