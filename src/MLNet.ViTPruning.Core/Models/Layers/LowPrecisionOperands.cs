using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>A layer's weight and bias in the number format of a forward pass.</summary>
internal sealed class LowPrecisionOperands : IDisposable
{
    private readonly DerivedTensor _weight = new();
    private readonly DerivedTensor _bias = new();

    /// <summary>The operands: themselves, or in bfloat16 where the pass says so, kept where it allows that.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">The bias, or null.</param>
    /// <param name="pass">The forward pass.</param>
    public (Tensor Weight, Tensor? Bias) Of(Tensor weight, Tensor? bias, ForwardPass pass)
    {
        if (!pass.LowPrecision) return (weight, bias);
        if (!pass.Cached) return (weight.to(ScalarType.BFloat16), bias?.to(ScalarType.BFloat16));
        return (_weight.Get(weight, pass, 0, static (w, _) => w.to(ScalarType.BFloat16, copy: true)),
            bias is null ? null : _bias.Get(bias, pass, 0, static (b, _) => b.to(ScalarType.BFloat16, copy: true)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }
}
