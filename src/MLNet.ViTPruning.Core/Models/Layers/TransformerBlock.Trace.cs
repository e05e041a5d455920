using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

// What becomes of a block's result when one of its channels is missing, for many channels at once.
internal sealed partial class TransformerBlock
{
    /// <summary>Applies the block and keeps what happens on the way.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>; not overwritten.</param>
    /// <param name="keep">How many tokens of the result are wanted (m), counted from the first; null for all of them.</param>
    /// <param name="pass">The forward pass.</param>
    public BlockTrace Trace(Tensor x, int? keep, ForwardPass pass)
    {
        AttentionParts? parts = null;
        Tensor? hidden = null;
        var middle = keep is null ? x : x.narrow(1, 0, keep.Value);                    // [B, m, C]
        if (_attn is not null)
        {
            var y = Normalised(_norm1!, x, pass);                                      // [B, N, C]
            parts = keep is null ? _attn.Parts(ToShifted(y), pass) : _attn.PartsOfFirst(y, keep.Value, pass);
            middle = middle + FromAttention(_attn.Result(parts, pass));                // [B, m, C]
        }
        var output = middle;
        if (_mlp is not null)
        {
            hidden = _mlp.Hidden(Normalised(_norm2!, middle, pass), pass);             // [B, m, M]
            output = middle + FromMlp(_mlp.Output(hidden, pass));                      // [B, m, C]
        }
        return new BlockTrace(parts, middle, hidden, output);
    }

    /// <summary>The block's results where one attention channel each is zero in query, key and value.</summary>
    /// <param name="trace">The block's results with all channels.</param>
    /// <param name="head">The head of the channels.</param>
    /// <param name="channels">K channels within the head, int64 <c>[K]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B * K, m, C]</c>, the channels of an image side by side; owned by the caller.</returns>
    public Tensor WithoutAttentionChannels(BlockTrace trace, int head, Tensor channels, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long b = trace.Middle.shape[0], m = trace.Middle.shape[1], c = trace.Middle.shape[2], k = channels.shape[0];
        var change = FromAttention(_attn!.ChangeWithout(trace.Attention!, head, channels, pass)).view(b, k, m, c); // [B, K, m, C]
        var x = change.add_(trace.Middle.unsqueeze(1)).view(b * k, m, c);                                          // [B * K, m, C]
        if (_mlp is not null) x.add_(FromMlp(_mlp.Apply(Normalised(_norm2!, x, pass), null, pass)));
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The block's results where one hidden channel each is gone from the MLP: a change of rank one.</summary>
    /// <param name="trace">The block's results with all channels.</param>
    /// <param name="channels">K hidden channels, int64 <c>[K]</c>.</param>
    /// <returns>Tokens <c>[B * K, m, C]</c>, the channels of an image side by side; owned by the caller.</returns>
    public Tensor WithoutHiddenChannels(BlockTrace trace, Tensor channels)
    {
        using var scope = NewDisposeScope();
        var hidden = trace.Hidden!.index_select(2, channels).transpose(1, 2).unsqueeze(-1); // [B, K, m, 1]
        var weight = FromMlp(_mlp!.OutputWeight.index_select(1, channels).t()).unsqueeze(1); // [K, 1, C]
        return trace.Output.unsqueeze(1).addcmul(hidden, weight, -1).flatten(0, 1).MoveToOuterDisposeScope(); // [B * K, m, C]
    }

    private Tensor FromMlp(Tensor y) => _ls2 is null ? y : _ls2.Apply(y);

    private Tensor FromAttention(Tensor y)
    {
        if (_windows is { Shift: not 0 }) y = y.index_select(1, _windows.FromShifted.On(y)); // [B, N, C]
        return _ls1 is null ? y : _ls1.Apply(y);
    }

    private Tensor ToShifted(Tensor y) => _windows is { Shift: not 0 } ? y.index_select(1, _windows.ToShifted.On(y)) : y; // [B, N, C]
}
