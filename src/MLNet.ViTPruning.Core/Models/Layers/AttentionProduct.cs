using System.Numerics;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Softmax attention between tokens, and the layouts it needs. The one place that decides how it is computed.</summary>
internal static class AttentionProduct
{
    private const long LeastWork = 1 << 18; // multiply-adds of the scores below which there is nothing to gain

    private static readonly Func<(Tensor Query, Tensor Key, Tensor Value, Tensor? Mask, long[] Shape), Tensor>
        StandardKernel = static o => nn.functional.scaled_dot_product_attention(o.Query, o.Key, o.Value, o.Mask),
        ProductsKernel = static o => Products(o.Query, o.Key, o.Value, o.Mask, o.Shape);

    /// <summary>Splits projected tokens into heads.</summary>
    /// <param name="projected">Query, key and value side by side (or any of them), <c>[B, G * n, parts * heads * headDim]</c>.</param>
    /// <param name="parts">How many of them: 3 for query, key and value.</param>
    /// <param name="groups">Windows G of n tokens each; 1 where every token sees every other.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="headDim">Channels of a head.</param>
    /// <returns>The parts, each <c>[B, G * heads, n, headDim]</c>; views where there is one group.</returns>
    public static Tensor[] SplitHeads(Tensor projected, int parts, long groups, long heads, long headDim)
    {
        var shape = projected.shape;
        long b = shape[0], n = shape[1] / groups;
        if (groups == 1 && parts == 1) return [projected.view(b, n, heads, headDim).transpose(1, 2)];         // [B, heads, n, headDim]
        if (groups == 1) return projected.view(b, n, parts, heads, headDim).permute(2, 0, 3, 1, 4).unbind(0); // parts x [B, heads, n, headDim]
        return projected.view(b, groups, n, parts, heads, headDim)
            .permute(3, 0, 1, 4, 2, 5)                              // [parts, B, G, heads, n, headDim]
            .reshape(parts, b, groups * heads, n, headDim)
            .unbind(0);                                             // parts x [B, G * heads, n, headDim]
    }

    /// <summary>Computes <c>softmax(q k^T / sqrt(headDim) + mask) v</c> and puts the heads side by side.</summary>
    /// <param name="query">Queries <c>[B, G * heads, m, headDim]</c>.</param>
    /// <param name="key">Keys <c>[B, G * heads, n, headDim]</c>.</param>
    /// <param name="value">Values, shaped like the keys.</param>
    /// <param name="mask">Added to the attention logits, <c>[1, G * heads, m, n]</c> or broadcast to it, or null.</param>
    /// <param name="groups">Windows G.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, G * m, heads * headDim]</c>.</returns>
    public static Tensor Compute(Tensor query, Tensor key, Tensor value, Tensor? mask, long groups, ForwardPass pass)
    {
        var shape = query.shape;
        long b = shape[0], heads = shape[1] / groups, m = shape[2], d = shape[3];
        var mixed = Mix(query, key, value, mask, shape, pass);                                                // [B, G * heads, m, headDim]
        return groups == 1
            ? mixed.transpose(1, 2).reshape(b, m, heads * d)                                                  // [B, m, heads * headDim]
            : mixed.view(b, groups, heads, m, d).permute(0, 1, 3, 2, 4).reshape(b, groups * m, heads * d);    // [B, G * m, heads * headDim]
    }

    private static Tensor Mix(Tensor query, Tensor key, Tensor value, Tensor? mask, long[] shape, ForwardPass pass)
    {
        long heads = shape[0] * shape[1], m = shape[2], d = shape[3];
        if (!pass.MayChoose || heads * m * key.shape[2] * d < LeastWork) return nn.functional.scaled_dot_product_attention(query, key, value, mask);
        // Numbers of queries that vary from batch to batch must not be measured one by one.
        var choice = new KernelKey(nameof(AttentionProduct), query.dtype, pass.Threads, BitOperations.Log2((ulong)heads), BitOperations.Log2((ulong)m), d,
            mask is null ? 0 : 1);
        return KernelChoice.Run(choice, (query, key, value, mask, shape), StandardKernel, ProductsKernel);
    }

    /// <summary>The same as two batched products with a softmax between them; fewer passes over memory than an unfused
    /// <c>scaled_dot_product_attention</c> makes.</summary>
    internal static Tensor Products(Tensor query, Tensor key, Tensor value, Tensor? mask, long[] shape)
    {
        using var scope = NewDisposeScope();
        long batch = shape[0] * shape[1], m = shape[2], d = shape[3], n = key.shape[2];
        var scaled = (query * (1 / Math.Sqrt(d))).reshape(batch, m, d);                     // [B * G * heads, m, headDim]
        var scores = scaled.bmm(key.reshape(batch, n, d).transpose(1, 2));                  // [B * G * heads, m, n]
        if (mask is not null) scores.view(shape[0], shape[1], m, n).add_(mask);
        return scores.softmax(-1).bmm(value.reshape(batch, n, d)).view(shape).MoveToOuterDisposeScope(); // [B, G * heads, m, headDim]
    }
}
