using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Learned gains of a branch's channels.</summary>
/// <remarks>Source: Touvron et al., "Going deeper with Image Transformers" (arXiv:2103.17239), equation 4.</remarks>
internal sealed class LayerScale : nn.Module
{
    /// <summary>The usual initial value for models of up to 18 blocks.</summary>
    public const double InitialValue = 1e-5;

    [ComponentName(Name = "gamma")] private readonly Parameter _gamma;

    public LayerScale(int channels) : base(nameof(LayerScale))
    {
        _gamma = Weights.Empty(channels);
        RegisterComponents();
    }

    /// <summary>Scales the channels; the result has the gains' type.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    public Tensor Apply(Tensor x) => x * _gamma; // [B, N, C]
}
