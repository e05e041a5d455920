using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Runtime;

/// <summary>Layers that merge tokens between their attention and their MLP. A merged token counts in attention as many times as it has
/// patches: the logarithm of its size is added to its logits.</summary>
/// <param name="configuration">Which layers merge how many.</param>
/// <param name="prefix">Tokens before the patches.</param>
/// <param name="pass">The forward pass.</param>
internal sealed class MergingRun(PatchSkipConfiguration configuration, int prefix, ForwardPass pass) : ILayerRun
{
    private Tensor? _sizes; // [B, N, 1], once tokens were merged

    /// <inheritdoc/>
    public Tensor Apply(TransformerBlock block, int layer, Tensor x, int? keep)
    {
        long r = Math.Min(configuration.Of(layer)?.TokensMerged ?? 0, TokenMerging.Most(x.shape[1], prefix));
        if ((r == 0 && _sizes is null) || !block.Has(Models.BlockHalf.Attention)) return block.Apply(x, pass, keep);
        using var scope = NewDisposeScope();
        var input = x;
        var parts = block.Attending(x, keep, pass);
        if (_sizes is not null) parts = parts with { Mask = _sizes.log().to(parts.Key.dtype).unsqueeze(1).transpose(2, 3) }; // [B, 1, 1, N]
        x = block.AddAttention(x, parts, pass);                                      // [B, N or keep, C]
        if (r > 0)
        {
            var metric = parts.Key.to(x.dtype).mean([1L]);                           // [B, N, headDim]
            var (merged, sizes) = TokenMerging.Merge(x, _sizes ?? ones(x.shape[0], x.shape[1], 1, dtype: x.dtype, device: x.device), metric, r, prefix);
            x = merged;                                                              // [B, N - r, C]
            _sizes = sizes.MoveToOuterDisposeScope();
        }
        x = block.AddMlp(x, pass);
        return ReferenceEquals(x, input) ? x : x.MoveToOuterDisposeScope();
    }
}
