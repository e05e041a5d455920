using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>A linear layer whose weights nobody draws at construction. A convolution whose stride is its kernel counts as
/// one: its weights keep their four dimensions and are used as a matrix.</summary>
internal sealed class LinearLayer : nn.Module
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter? _bias;
    private readonly LowPrecisionOperands _operands = new();
    private readonly long[]? _matrix;

    /// <param name="weightShape">Shape of the weights: outputs first, then the inputs in one or more dimensions.</param>
    /// <param name="bias">Whether there is a bias.</param>
    public LinearLayer(long[] weightShape, bool bias = true) : base(nameof(LinearLayer))
    {
        _weight = Weights.Empty(weightShape);
        if (bias) _bias = Weights.Empty(weightShape[0]);
        if (weightShape.Length > 2) _matrix = [weightShape[0], weightShape[1..].Aggregate(1L, (a, b) => a * b)];
        RegisterComponents();
    }

    /// <summary>The weights in their own type.</summary>
    public Tensor Weight => _weight;

    /// <summary>The bias in its own type, or null.</summary>
    public Tensor? Bias => _bias;

    /// <summary>The layer's product, in bfloat16 where the pass says so; the input may then have either type.</summary>
    /// <param name="x">Activations <c>[..., in]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Activations <c>[..., out]</c>.</returns>
    public Tensor Apply(Tensor x, ForwardPass pass)
    {
        var (weight, bias) = Operands(pass);
        return LinearProduct.Compute(pass.LowPrecision ? Precision.Low(x) : x, weight, bias, pass);
    }

    /// <summary>The product with a range of the layer's outputs only.</summary>
    /// <param name="x">Activations <c>[..., in]</c>.</param>
    /// <param name="start">First output.</param>
    /// <param name="length">Number of outputs.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Activations <c>[..., length]</c>.</returns>
    public Tensor ApplyRows(Tensor x, long start, long length, ForwardPass pass)
    {
        var (weight, bias) = Operands(pass);
        if (pass.LowPrecision) x = Precision.Low(x);
        return LinearProduct.Compute(x, weight.narrow(0, start, length), bias?.narrow(0, start, length), pass);
    }

    /// <summary>The layer's product in the weights' own type whatever the pass says; for heads.</summary>
    /// <param name="x">Activations <c>[..., in]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Activations <c>[..., out]</c>.</returns>
    public Tensor ApplyInFull(Tensor x, ForwardPass pass) => LinearProduct.Compute(x, _weight, _bias, pass);

    private (Tensor Weight, Tensor? Bias) Operands(ForwardPass pass)
    {
        var (weight, bias) = _operands.Of(_weight, _bias, pass);
        return (_matrix is null ? weight : weight.view(_matrix), bias);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _operands.Dispose();
        base.Dispose(disposing);
    }
}
