using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>The attention half of a block: over all tokens, or within windows with a learned bias per relative position, or with fewer keys
/// than queries.</summary>
internal sealed partial class Attention : nn.Module
{
    [ComponentName(Name = "qkv")] private readonly LinearLayer? _qkv;
    [ComponentName(Name = "q")] private readonly LinearLayer? _q;
    [ComponentName(Name = "kv")] private readonly LinearLayer? _kv;
    [ComponentName(Name = "sr")] private readonly LinearLayer? _sr;
    [ComponentName(Name = "norm")] private readonly Norm? _norm;
    [ComponentName(Name = "proj")] private readonly LinearLayer _proj;
    [ComponentName(Name = "relative_position_bias_table")] private readonly Parameter? _table;
    private readonly DerivedTensor _mask = new();
    private readonly WindowLayout? _windows;
    private readonly TokenGrid? _grid;
    private readonly int _heads;
    private readonly int _headDim;

    /// <param name="embedDim">Width of the residual stream.</param>
    /// <param name="block">The block's sizes.</param>
    /// <param name="windows">The windows, or null for attention over all tokens.</param>
    public Attention(int embedDim, BlockConfiguration block, WindowLayout? windows) : base(nameof(Attention))
    {
        _heads = block.Heads;
        _headDim = block.HeadDim;
        _windows = windows;
        _qkv = new LinearLayer([3 * block.AttentionDim, embedDim]);
        _proj = new LinearLayer([embedDim, block.AttentionDim]);
        if (windows is not null) _table = Weights.Empty(windows.TableRows, block.Heads);
        RegisterComponents();
    }

    private int Groups => _windows?.Count ?? 1;

    /// <summary>Mixes the tokens.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>, window by window where there are windows.</param>
    /// <param name="gains">Factors of the attention channels <c>[B or 1, D]</c>, or null.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N, C]</c>.</returns>
    public Tensor Apply(Tensor x, Tensor? gains, ForwardPass pass) => Combine(Project(x, gains, pass), pass);

    private AttentionParts Project(Tensor x, Tensor? gains, ForwardPass pass)
    {
        if (_qkv is null) return ProjectReduced(x, gains, pass);
        var qkv = Precision.Scale(_qkv.Apply(x, pass), gains, parts: 3);                         // [B, N, 3 * D]
        var parts = AttentionProduct.SplitHeads(qkv, 3, Groups, _heads, _headDim);              // 3 x [B, G * heads, n, headDim]
        return new(parts[0], parts[1], parts[2], Mask(pass));
    }

    /// <summary>The result for the first tokens only, which still see all others.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="keep">How many tokens of the result are wanted.</param>
    /// <param name="gains">Factors of the attention channels <c>[B or 1, D]</c>, or null.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, keep, C]</c>.</returns>
    public Tensor ApplyToFirst(Tensor x, int keep, Tensor? gains, ForwardPass pass) => Combine(ProjectFirst(x, keep, gains, pass), pass);

    private AttentionParts ProjectFirst(Tensor x, int keep, Tensor? gains, ForwardPass pass)
    {
        long d = (long)_heads * _headDim;
        var query = Precision.Scale(_qkv!.ApplyRows(x.narrow(1, 0, keep).contiguous(), 0, d, pass), gains); // [B, keep, D]
        var q = AttentionProduct.SplitHeads(query, 1, 1, _heads, _headDim);                                // [B, heads, keep, headDim]
        var (key, value) = KeyAndValue(x, gains, pass);                                                    // [B, heads, N, headDim] each
        return new(q[0], key, value, null);
    }

    private Tensor Combine(AttentionParts parts, ForwardPass pass)
    {
        var mixed = AttentionProduct.Compute(parts.Query, parts.Key, parts.Value, parts.Mask, Groups, pass); // [B, N, D]
        return _proj.Apply(mixed, pass);                                                                     // [B, N, C]
    }

    /// <summary>Relative position bias and shift mask together, <c>[1, G * heads, n, n]</c>; null without windows.</summary>
    private Tensor? Mask(ForwardPass pass)
    {
        if (_windows is null) return null;
        if (!pass.Cached) return _windows.BiasAndMask(_table!, pass.LowPrecision);
        return _mask.Get(_table!, pass, (_windows, pass.LowPrecision),
            static (table, state) => state._windows.BiasAndMask(table, state.LowPrecision).contiguous());
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _mask.Dispose();
        base.Dispose(disposing);
    }
}
