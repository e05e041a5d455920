using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

internal sealed partial class Attention
{
    /// <summary>Query, key and value of all tokens.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>, window by window where there are windows.</param>
    /// <param name="pass">The forward pass.</param>
    public AttentionParts Parts(Tensor x, ForwardPass pass) => Project(x, null, pass);

    /// <summary>Query of the first tokens, key and value of all.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="keep">How many tokens of the result are wanted.</param>
    /// <param name="pass">The forward pass.</param>
    public AttentionParts PartsOfFirst(Tensor x, int keep, ForwardPass pass) => ProjectFirst(x, keep, null, pass);

    /// <summary>The attention half's result, <c>[B, N, C]</c>.</summary>
    /// <param name="parts">Query, key and value.</param>
    /// <param name="pass">The forward pass.</param>
    public Tensor Result(AttentionParts parts, ForwardPass pass) => Combine(parts, pass);

    /// <summary>How the result changes where one channel each is zero in query, key and value. Only the channel's head changes: its
    /// logits lose <c>q_c k_c^T</c>, and the value loses a column.</summary>
    /// <param name="parts">Query, key and value with all channels.</param>
    /// <param name="head">The head of the channels.</param>
    /// <param name="channels">K channels within the head, int64 <c>[K]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Changes <c>[B * K, G * m, C]</c>, the channels of an image side by side; owned by the caller.</returns>
    public Tensor ChangeWithout(AttentionParts parts, int head, Tensor channels, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = (OfHead(parts.Query, head) / Math.Sqrt(_headDim), OfHead(parts.Key, head), OfHead(parts.Value, head)); // [B * G, m or n, d]
        long bg = query.shape[0], m = query.shape[1], n = key.shape[1], d = _headDim, k = channels.shape[0], g = Groups, b = bg / g;
        var logits = query.bmm(key.transpose(1, 2));                                                             // [B * G, m, n]
        if (parts.Mask is not null) logits.view(b, g, m, n).add_(parts.Mask.view(1, g, _heads, m, n).select(2, head));
        var whole = logits.softmax(-1).bmm(value);                                                               // [B * G, m, d]

        var queryChannel = query.index_select(2, channels).transpose(1, 2).unsqueeze(-1);                        // [B * G, K, m, 1]
        var keyChannel = key.index_select(2, channels).transpose(1, 2).unsqueeze(2);                             // [B * G, K, 1, n]
        var without = logits.unsqueeze(1).addcmul(queryChannel, keyChannel, -1);                                 // [B * G, K, m, n]
        var mixed = without.softmax(-1).view(bg, k * m, n).bmm(value).view(bg, k, m, d);                         // [B * G, K, m, d]
        var others = channels.unsqueeze(1).ne(arange(d, device: value.device)).to(value.dtype);                  // [K, d]
        var change = mixed.mul_(others.unsqueeze(1)).sub_(whole.unsqueeze(1));                                   // [B * G, K, m, d]

        var columns = _proj.Weight.narrow(1, (long)head * d, d).contiguous();                                    // [C, d]
        var result = LinearProduct.Compute(change.view(bg, k * m, d), columns, null, pass);                      // [B * G, K * m, C]
        if (g > 1) result = result.view(b, g, k, m, -1).transpose(1, 2);                                         // [B, K, G, m, C]
        return result.reshape(b * k, g * m, -1).MoveToOuterDisposeScope();                                       // [B * K, G * m, C]
    }

    /// <summary>One head's part, <c>[B * G, n, headDim]</c>.</summary>
    private Tensor OfHead(Tensor part, int head)
    {
        var shape = part.shape;
        return part.view(shape[0], Groups, _heads, shape[2], shape[3]).select(2, head).reshape(shape[0] * Groups, shape[2], shape[3]);
    }
}
