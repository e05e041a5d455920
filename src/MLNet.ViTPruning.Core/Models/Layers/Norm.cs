using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>LayerNorm over the channels, always in the type of the residual stream.</summary>
internal sealed class Norm : nn.Module
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;
    private readonly long[] _shape;
    private readonly double _epsilon;

    public Norm(int channels, double epsilon) : base(nameof(Norm))
    {
        _weight = Weights.Empty(channels);
        _bias = Weights.Empty(channels);
        _shape = [channels];
        _epsilon = epsilon;
        RegisterComponents();
    }

    /// <summary>The type of its weights.</summary>
    public ScalarType Type => _weight.dtype;

    /// <summary>Normalises each token.</summary>
    /// <param name="x">Tokens <c>[..., C]</c>.</param>
    public Tensor Apply(Tensor x) => nn.functional.layer_norm(x, _shape, _weight, _bias, _epsilon);

    /// <summary>Normalises each token with mean and variance weighed by factors of the channels: with m of zeros and ones, the norm
    /// of the channels that m keeps, and zero elsewhere.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="gains">The factors m, <c>[B or 1, C]</c>, or null for none.</param>
    public Tensor Apply(Tensor x, Tensor? gains)
    {
        if (gains is null) return Apply(x);
        using var scope = NewDisposeScope();
        var m = gains.to(x.dtype).unsqueeze(1);                                                     // [B or 1, 1, C]
        var count = m.sum([-1], keepdim: true);                                                     // [B or 1, 1, 1]
        var centred = x - (x * m).sum([-1], keepdim: true) / count;                                 // [B, N, C]
        var variance = (centred.square() * m).sum([-1], keepdim: true) / count;                     // [B, N, 1]
        return (centred * (variance + _epsilon).rsqrt() * (m * _weight) + m * _bias).MoveToOuterDisposeScope(); // [B, N, C]
    }
}
