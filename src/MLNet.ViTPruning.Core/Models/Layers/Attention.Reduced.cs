using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

// PVTv2: queries from all tokens, keys and values from a grid in which a strided convolution made one token of each square.
internal sealed partial class Attention
{
    /// <param name="embedDim">Width of the residual stream.</param>
    /// <param name="block">The block's sizes.</param>
    /// <param name="grid">How the tokens stand.</param>
    public Attention(int embedDim, BlockConfiguration block, TokenGrid grid) : base(nameof(Attention))
    {
        _heads = block.Heads;
        _headDim = block.HeadDim;
        _grid = grid;
        _q = new LinearLayer([block.AttentionDim, embedDim]);
        _kv = new LinearLayer([2 * block.AttentionDim, embedDim]);
        _proj = new LinearLayer([embedDim, block.AttentionDim]);
        if (grid.Reduction > 1)
        {
            _sr = new LinearLayer([embedDim, embedDim, grid.Reduction, grid.Reduction]);
            _norm = new Norm(embedDim, TokenGrid.NormEpsilon);
        }
        RegisterComponents();
    }

    private AttentionParts ProjectReduced(Tensor x, Tensor? gains, ForwardPass pass)
    {
        var query = Precision.Scale(_q!.Apply(x, pass), gains);                                   // [B, N, D]
        var keyValue = Precision.Scale(_kv!.Apply(Reduced(x, pass), pass), gains, parts: 2);      // [B, N / r^2, 2 * D]
        var q = AttentionProduct.SplitHeads(query, 1, 1, _heads, _headDim);                       // [B, heads, N, headDim]
        var kv = AttentionProduct.SplitHeads(keyValue, 2, 1, _heads, _headDim);                   // 2 x [B, heads, N / r^2, headDim]
        return new(q[0], kv[0], kv[1], null);
    }

    /// <summary>The tokens that keys and values come from, <c>[B, N / r^2, C]</c>. Their channels are those of the residual stream: a
    /// channel that is taken from it is taken from their norm too.</summary>
    private Tensor Reduced(Tensor x, ForwardPass pass)
    {
        if (_sr is null) return x;
        var squares = _sr.Apply(_grid!.Squares(x), pass);                                         // [B, N / r^2, C]
        if (pass.LowPrecision) squares = squares.to(_norm!.Type);                                  // norms are computed in full
        return _norm!.Apply(squares, pass.Gains?.ResidualOf(_grid.Stage));
    }
}
