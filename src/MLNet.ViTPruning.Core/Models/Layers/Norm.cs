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

    /// <summary>Normalises each token.</summary>
    /// <param name="x">Tokens <c>[..., C]</c>.</param>
    public Tensor Apply(Tensor x) => nn.functional.layer_norm(x, _shape, _weight, _bias, _epsilon);
}
