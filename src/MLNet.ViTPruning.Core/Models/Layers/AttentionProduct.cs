using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Softmax attention between tokens, and the layouts it needs. The one place that decides how it is computed.</summary>
internal static class AttentionProduct
{
    /// <summary>Brings projected tokens into the layout of attention, with one copy for all parts.</summary>
    /// <param name="projected">Query, key and value side by side (or any of them), <c>[B, G * n, parts * heads * headDim]</c>.</param>
    /// <param name="parts">How many of them: 3 for query, key and value.</param>
    /// <param name="groups">Windows G of n tokens each; 1 where every token sees every other.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="headDim">Channels of a head.</param>
    /// <returns>The parts, each <c>[B, G * heads, n, headDim]</c>.</returns>
    public static Tensor[] SplitHeads(Tensor projected, int parts, long groups, long heads, long headDim)
    {
        long b = projected.shape[0], n = projected.shape[1] / groups;
        return projected.view(b, groups, n, parts, heads, headDim)
            .permute(3, 0, 1, 4, 2, 5)                              // [parts, B, G, heads, n, headDim]
            .reshape(parts, b, groups * heads, n, headDim)
            .unbind(0);                                             // parts x [B, G * heads, n, headDim]
    }

    /// <summary>Computes <c>softmax(q k^T / sqrt(headDim) + mask) v</c> and puts the heads side by side.</summary>
    /// <param name="query">Queries <c>[B, G * heads, m, headDim]</c>.</param>
    /// <param name="key">Keys <c>[B, G * heads, n, headDim]</c>.</param>
    /// <param name="value">Values, shaped like the keys.</param>
    /// <param name="mask">Added to the attention logits, <c>[1, G * heads, m, n]</c>, or null.</param>
    /// <param name="groups">Windows G.</param>
    /// <returns>Tokens <c>[B, G * m, heads * headDim]</c>.</returns>
    public static Tensor Compute(Tensor query, Tensor key, Tensor value, Tensor? mask, long groups)
    {
        var shape = query.shape;
        long b = shape[0], heads = shape[1] / groups, m = shape[2], d = shape[3];
        var mixed = nn.functional.scaled_dot_product_attention(query, key, value, mask); // [B, G * heads, m, headDim]
        return groups == 1
            ? mixed.transpose(1, 2).reshape(b, m, heads * d)                                                          // [B, m, heads * headDim]
            : mixed.view(b, groups, heads, m, d).permute(0, 1, 3, 2, 4).reshape(b, groups * m, heads * d);            // [B, G * m, heads * headDim]
    }
}
