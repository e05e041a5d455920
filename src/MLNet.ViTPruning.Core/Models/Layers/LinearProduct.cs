using System.Numerics;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>The one place where a linear layer's product is computed, so that its kernel is chosen here and nowhere else.</summary>
internal static class LinearProduct
{
    private const long LeastWork = 1 << 22; // multiply-adds below which there is nothing to gain

    /// <summary>Computes <c>input * weight^T + bias</c>.</summary>
    /// <param name="input">Activations <c>[..., in]</c>.</param>
    /// <param name="weight">Weights <c>[out, in]</c> of the same type.</param>
    /// <param name="bias">Bias <c>[out]</c>, or null.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Activations <c>[..., out]</c>.</returns>
    public static Tensor Compute(Tensor input, Tensor weight, Tensor? bias, ForwardPass pass)
    {
        if (!pass.MayChoose) return nn.functional.linear(input, weight, bias);
        var shape = input.shape;
        var matrix = weight.shape;
        if (shape.Length != 3) return nn.functional.linear(input, weight, bias);
        long rows = shape[0] * shape[1];
        if (rows * matrix[0] * matrix[1] < LeastWork) return nn.functional.linear(input, weight, bias);
        var key = new KernelKey(nameof(LinearProduct), input.dtype, pass.Threads, BitOperations.Log2((ulong)rows),
            matrix[0], matrix[1], Math.Min(shape[0], 2));
        return KernelChoice.Run(key, (input, weight, bias, shape, matrix),
            static o => nn.functional.linear(o.input, o.weight, o.bias), static o => Convolution(o.input, o.weight, o.bias, o.matrix));
    }

    /// <summary>The same product as a 1 x 1 convolution over an image of one row in channels-last form, which needs no copy.</summary>
    internal static Tensor Convolution(Tensor input, Tensor weight, Tensor? bias, long[] matrix)
    {
        using var scope = NewDisposeScope();
        var image = input.transpose(1, 2).unsqueeze(2);                                                 // [B, in, 1, N]
        var result = nn.functional.conv2d(image, weight.view(matrix[0], matrix[1], 1, 1), bias);       // [B, out, 1, N]
        return result.squeeze(2).transpose(1, 2).contiguous().MoveToOuterDisposeScope();              // [B, N, out]
    }
}
