using System.Diagnostics;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

// A block half by half, and each half in the three steps between which something can be measured or replaced.
internal sealed partial class TransformerBlock
{
    /// <summary>Whether the block has a half.</summary>
    public bool Has(BlockHalf half) => half == BlockHalf.Attention ? _attn is not null : _mlp is not null;

    /// <summary>What a half's output layer reads: the heads' results side by side, or the MLP's hidden channels after the activation.</summary>
    /// <param name="half">The half; the block has it.</param>
    /// <param name="x">Tokens <c>[B, N, C]</c>; not overwritten.</param>
    /// <param name="keep">How many tokens of the result are wanted, counted from the first; null for all of them.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Channels <c>[B, N or keep, D]</c> or <c>[B, N or keep, M]</c>, tokens in the order of x.</returns>
    public Tensor Channels(BlockHalf half, Tensor x, int? keep, ForwardPass pass)
    {
        if (half == BlockHalf.Mlp) return _mlp!.Hidden(Normalised(_norm2!, First(x, keep), pass), pass); // [B, N or keep, M]
        var y = Normalised(_norm1!, x, pass);                                                            // [B, N, C]
        if (_windows is not { Shift: not 0 }) return _attn!.Mixed(y, keep, pass);                        // [B, N or keep, D]
        if (keep is not null) throw new UnreachableException("Models with windows read all tokens.");
        return _attn!.Mixed(ToShifted(y), null, pass).index_select(1, _windows.FromShifted.On(y));       // [B, N, D]
    }

    /// <summary>A half's output layer.</summary>
    /// <param name="half">The half; the block has it.</param>
    /// <param name="channels">What <see cref="Channels"/> returned.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N or keep, C]</c>, not yet scaled by the half's gains.</returns>
    public Tensor Output(BlockHalf half, Tensor channels, ForwardPass pass) =>
        half == BlockHalf.Attention ? _attn!.Projected(channels, pass) : _mlp!.Output(channels, pass);

    /// <summary>The residual stream after a half.</summary>
    /// <param name="half">The half; the block has it.</param>
    /// <param name="x">The stream before it, <c>[B, N, C]</c>; overwritten and returned where the pass allows it.</param>
    /// <param name="output">What <see cref="Output"/> returned.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N or keep, C]</c>.</returns>
    public Tensor AddHalf(BlockHalf half, Tensor x, Tensor output, ForwardPass pass)
    {
        var scale = half == BlockHalf.Attention ? _ls1 : _ls2;
        return Precision.AddResidual(First(x, (int)output.shape[1]), scale is null ? output : scale.Apply(output), pass);
    }

    private static Tensor First(Tensor x, int? keep) => keep is null || keep == x.shape[1] ? x : x.narrow(1, 0, keep.Value);
}
