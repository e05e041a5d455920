using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

internal sealed partial class Attention
{
    /// <summary>The heads' results side by side, before the output projection.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>, window by window where there are windows.</param>
    /// <param name="keep">How many tokens of the result are wanted, counted from the first; null for all of them.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Attention channels <c>[B, N or keep, D]</c>.</returns>
    public Tensor Mixed(Tensor x, int? keep, ForwardPass pass)
    {
        var parts = keep is null ? Project(x, null, pass) : ProjectFirst(x, keep.Value, null, pass);
        return AttentionProduct.Compute(parts.Query, parts.Key, parts.Value, parts.Mask, Groups, pass);
    }

    /// <summary>The output projection.</summary>
    /// <param name="mixed">Attention channels <c>[B, N, D]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N, C]</c>.</returns>
    public Tensor Projected(Tensor mixed, ForwardPass pass) => _proj.Apply(mixed, pass);
}
