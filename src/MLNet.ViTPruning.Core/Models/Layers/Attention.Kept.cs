using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

// Attention of some tokens only: to all tokens, or among themselves.
internal sealed partial class Attention
{
    /// <summary>Key and value of all tokens.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="gains">Factors of the attention channels <c>[B or 1, D]</c>, or null.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Both <c>[B, heads, N, headDim]</c>.</returns>
    public (Tensor Key, Tensor Value) KeyAndValue(Tensor x, Tensor? gains, ForwardPass pass)
    {
        long d = (long)_heads * _headDim;
        var both = Precision.Scale(_qkv!.ApplyRows(x, d, 2 * d, pass), gains, parts: 2); // [B, N, 2 * D]
        var parts = AttentionProduct.SplitHeads(both, 2, 1, _heads, _headDim);           // 2 x [B, heads, N, headDim]
        return (parts[0], parts[1]);
    }

    /// <summary>Kept tokens see all tokens.</summary>
    /// <param name="packed">The kept tokens <c>[1, M, C]</c>.</param>
    /// <param name="context">All tokens.</param>
    /// <param name="kept">Which they are.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[1, M, C]</c>.</returns>
    public Tensor OfKept(Tensor packed, ContextTokens context, KeptTokens kept, ForwardPass pass)
    {
        var query = _qkv!.ApplyRows(packed, 0, (long)_heads * _headDim, pass).squeeze(0);                            // [M, D]
        return Projected(kept, tokens => 2 * tokens * kept.Tokens * _heads * _headDim, pass, group =>
        {
            var q = AttentionProduct.SplitHeads(group.Pad(query), 1, 1, _heads, _headDim)[0];                        // [b, heads, m, headDim]
            return AttentionProduct.Compute(q, group.Of(context.Key), group.Of(context.Value), null, 1, pass);               // [b, m, D]
        });
    }

    /// <summary>Kept tokens see each other.</summary>
    /// <param name="packed">The kept tokens <c>[1, M, C]</c>.</param>
    /// <param name="kept">Which they are.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[1, M, C]</c>.</returns>
    public Tensor AmongKept(Tensor packed, KeptTokens kept, ForwardPass pass)
    {
        var qkv = _qkv!.Apply(packed, pass).squeeze(0);                                                              // [M, 3 * D]
        return Projected(kept, tokens => 2 * tokens * tokens * _heads * _headDim, pass, group =>
        {
            var parts = AttentionProduct.SplitHeads(group.Pad(qkv), 3, 1, _heads, _headDim);                         // 3 x [b, heads, m, headDim]
            return AttentionProduct.Compute(parts[0], parts[1], parts[2], group.KeyMask(qkv), 1, pass);               // [b, m, D]
        });
    }

    /// <summary>How much the first token's query looks at each token, mean over the heads.</summary>
    /// <param name="context">All tokens.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Shares <c>[B, N]</c>, which sum to 1.</returns>
    public Tensor SharesOfFirst(ContextTokens context, ForwardPass pass)
    {
        var first = context.Normalised.narrow(1, 0, 1).contiguous();                                                 // [B, 1, C]
        var query = _qkv!.ApplyRows(first, 0, (long)_heads * _headDim, pass);                                        // [B, 1, D]
        var q = AttentionProduct.SplitHeads(query, 1, 1, _heads, _headDim)[0];                                       // [B, heads, 1, headDim]
        var scores = q.matmul(context.Key.transpose(2, 3)).to(_proj.Weight.dtype) / Math.Sqrt(_headDim);             // [B, heads, 1, N]
        return scores.softmax(-1).mean([1L]).squeeze(1);                                                             // [B, N]
    }

    /// <summary>What attention gives the kept tokens, group by group, after the output layer.</summary>
    /// <param name="kept">The kept tokens.</param>
    /// <param name="work">Multiply-adds of attention for an image of so many kept tokens.</param>
    /// <param name="pass">The forward pass.</param>
    /// <param name="attend">Attention of a group, <c>[b, m, D]</c>.</param>
    /// <returns>Tokens <c>[1, M, C]</c>.</returns>
    private Tensor Projected(KeptTokens kept, Func<long, long> work, ForwardPass pass, Func<KeptGroup, Tensor> attend)
    {
        var mixed = kept.Groups(work).Select(group => group.Pack(attend(group))).ToList();                           // [rows, D] each
        long missing = kept.Rows.shape[0] - mixed.Sum(rows => rows.shape[0]);                                        // the packed matrix's padding
        if (missing > 0) mixed.Add(mixed[0].narrow(0, 0, 1).expand(missing, -1));                                    // [missing, D], anything finite
        return _proj.Apply((mixed.Count == 1 ? mixed[0] : cat(mixed, 0)).unsqueeze(0), pass);                        // [1, M, C]
    }
}
