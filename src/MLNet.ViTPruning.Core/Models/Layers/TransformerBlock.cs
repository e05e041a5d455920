using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>One Transformer block, norms first. A half that the configuration lacks is absent together with its norm.</summary>
internal sealed partial class TransformerBlock : nn.Module
{
    [ComponentName(Name = "norm1")] private readonly Norm? _norm1;
    [ComponentName(Name = "attn")] private readonly Attention? _attn;
    [ComponentName(Name = "ls1")] private readonly LayerScale? _ls1;
    [ComponentName(Name = "norm2")] private readonly Norm? _norm2;
    [ComponentName(Name = "mlp")] private readonly Mlp? _mlp;
    [ComponentName(Name = "ls2")] private readonly LayerScale? _ls2;
    private readonly WindowLayout? _windows;
    private readonly int _index;
    private readonly int _stage;

    /// <param name="configuration">The model's configuration.</param>
    /// <param name="embedDim">Width of the residual stream.</param>
    /// <param name="block">The block's sizes.</param>
    /// <param name="index">Index over all blocks of the model, for its gains.</param>
    /// <param name="stage">Index of its stage.</param>
    /// <param name="windows">The block's windows, or null for attention over all tokens.</param>
    /// <param name="grid">How the tokens of a PVTv2 block stand, or null in other families.</param>
    public TransformerBlock(ModelConfiguration configuration, int embedDim, BlockConfiguration block, int index, int stage, WindowLayout? windows,
        TokenGrid? grid = null) : base(nameof(TransformerBlock))
    {
        _index = index;
        _stage = stage;
        _windows = windows;
        if (block.HasAttention)
        {
            _norm1 = new Norm(embedDim, configuration.LayerNormEpsilon);
            _attn = grid is null ? new Attention(embedDim, block, windows) : new Attention(embedDim, block, grid);
            if (configuration.LayerScale) _ls1 = new LayerScale(embedDim);
        }
        if (block.HasMlp)
        {
            _norm2 = new Norm(embedDim, configuration.LayerNormEpsilon);
            _mlp = new Mlp(embedDim, block.MlpHiddenDim, grid);
            if (configuration.LayerScale) _ls2 = new LayerScale(embedDim);
        }
        RegisterComponents();
    }

    /// <summary>Applies the block.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>; overwritten and returned where the pass allows it.</param>
    /// <param name="pass">The forward pass.</param>
    /// <param name="keep">How many tokens of the result are wanted, counted from the first; null for all of them.</param>
    /// <returns>Tokens <c>[B, N or keep, C]</c>.</returns>
    public Tensor Apply(Tensor x, ForwardPass pass, int? keep = null)
    {
        using var scope = NewDisposeScope();
        var input = x;
        if (_attn is not null)
        {
            var y = Normalised(_norm1!, x, pass);                                       // [B, N, C]
            var gains = pass.Gains?.AttentionOf(_index);
            y = keep is null ? AttendInWindows(_attn, y, gains, pass) : _attn.ApplyToFirst(y, keep.Value, gains, pass);
            if (_ls1 is not null) y = _ls1.Apply(y);
            if (keep is not null) x = x.narrow(1, 0, keep.Value);                       // [B, keep, C]
            x = Precision.AddResidual(x, Drop(y, 0, pass), pass);
        }
        else if (keep is not null)
        {
            x = x.narrow(1, 0, keep.Value);                                             // [B, keep, C]
        }
        if (_mlp is not null)
        {
            var y = _mlp.Apply(Normalised(_norm2!, x, pass), pass.Gains?.MlpOf(_index), pass); // [B, N or keep, C]
            if (_ls2 is not null) y = _ls2.Apply(y);
            x = Precision.AddResidual(x, Drop(y, 1, pass), pass);
        }
        return ReferenceEquals(x, input) ? x : x.MoveToOuterDisposeScope();
    }

    /// <summary>The norm's output, cast once for all that read it.</summary>
    private Tensor Normalised(Norm norm, Tensor x, ForwardPass pass) =>
        pass.LowPrecision ? Precision.Low(norm.Apply(x, pass.Gains?.ResidualOf(_stage))) : norm.Apply(x, pass.Gains?.ResidualOf(_stage));

    /// <summary>The branch of each image scaled, or left out, by stochastic depth.</summary>
    private Tensor Drop(Tensor branch, int half, ForwardPass pass) =>
        pass.Branches is null ? branch : branch * pass.Branches.select(0, 2 * _index + half); // [B, N, C]

    /// <summary>Attention in the block's windows. Between blocks tokens stand in the order of the unshifted windows, so only
    /// a shifted block moves them, once before and once after.</summary>
    private Tensor AttendInWindows(Attention attention, Tensor y, Tensor? gains, ForwardPass pass)
    {
        if (_windows is null || _windows.Shift == 0) return attention.Apply(y, gains, pass);
        y = WindowLayout.Move(y, _windows.ToShifted, pass);      // [B, N, C]
        y = attention.Apply(y, gains, pass);
        return WindowLayout.Move(y, _windows.FromShifted, pass); // [B, N, C]
    }
}
