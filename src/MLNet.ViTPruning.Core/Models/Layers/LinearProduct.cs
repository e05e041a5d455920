using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>The one place where a linear layer's product is computed, so that its kernel is chosen here and nowhere else.</summary>
internal static class LinearProduct
{
    /// <summary>Computes <c>input * weight^T + bias</c>.</summary>
    /// <param name="input">Activations <c>[..., in]</c>.</param>
    /// <param name="weight">Weights <c>[out, in]</c> of the same type.</param>
    /// <param name="bias">Bias <c>[out]</c>, or null.</param>
    /// <returns>Activations <c>[..., out]</c>.</returns>
    public static Tensor Compute(Tensor input, Tensor weight, Tensor? bias) => nn.functional.linear(input, weight, bias);
}
