using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>The one place where a linear layer's product is computed, so that its kernel is chosen here and nowhere else.</summary>
internal static class LinearProduct
{
    private const long LeastWork = 1 << 22; // multiply-adds below which there is nothing to gain
    private const long TileSide = 4, TileRows = TileSide * TileSide;
    private const long LeastTiles = 16;     // libtorch 1.13 gives smaller batches to other, slower convolutions

    private static readonly Func<(Tensor Input, Tensor Weight, Tensor? Bias, long Rows, long[] Shape, long[] Matrix), Tensor>
        LinearKernel = static o => nn.functional.linear(o.Input, o.Weight, o.Bias),
        ConvolutionKernel = static o => Convolution(o.Input, o.Weight, o.Bias, o.Matrix),
        TilesKernel = static o => Tiles(o.Input, o.Weight, o.Bias, o.Rows, o.Shape, o.Matrix);

    /// <summary>Computes <c>input * weight^T + bias</c>.</summary>
    /// <param name="input">Activations <c>[..., in]</c>.</param>
    /// <param name="weight">Weights <c>[out, in]</c> of the same type.</param>
    /// <param name="bias">Bias <c>[out]</c>, or null.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Activations <c>[..., out]</c>.</returns>
    public static Tensor Compute(Tensor input, Tensor weight, Tensor? bias, ForwardPass pass)
    {
        if (!pass.MayChoose) return Fixed(input, weight, bias, pass);
        var shape = input.shape;
        var matrix = weight.shape;
        long rows = shape[..^1].Aggregate(1L, (a, b) => a * b);
        if (rows * matrix[0] * matrix[1] < LeastWork || shape.Length is not (2 or 3)) return nn.functional.linear(input, weight, bias);
        if (shape.Length == 2)
        {
            using var scope = NewDisposeScope();
            return Compute(input.unsqueeze(0), weight, bias, pass).squeeze(0).MoveToOuterDisposeScope(); // [rows, out]
        }
        bool tiled = FillsTiles(rows) && input.is_contiguous();
        var key = new KernelKey(nameof(LinearProduct), input.dtype, pass.Threads, BitOperations.Log2((ulong)rows),
            matrix[0], matrix[1], Math.Min(shape[0], 2) + (tiled ? 2 : 0));
        var operands = (input, weight, bias, rows, shape, matrix);
        return tiled
            ? KernelChoice.Run(key, operands, LinearKernel, ConvolutionKernel, TilesKernel)
            : KernelChoice.Run(key, operands, LinearKernel, ConvolutionKernel);
    }

    private static bool FillsTiles(long rows) => rows % TileRows == 0 && rows >= LeastTiles * TileRows;

    /// <summary>The product where no kernel may be chosen by measurement, so that a resumed training computes the same: sizes alone decide.</summary>
    private static Tensor Fixed(Tensor input, Tensor weight, Tensor? bias, ForwardPass pass)
    {
        if (pass.Cached || input.dtype != ScalarType.Float32 || input.device_type != DeviceType.CPU) return nn.functional.linear(input, weight, bias);
        var shape = input.shape;
        var matrix = weight.shape;
        long rows = shape[..^1].Aggregate(1L, (a, b) => a * b);
        return FillsTiles(rows) && rows * matrix[0] * matrix[1] >= LeastWork && input.is_contiguous()
            ? Tiles(input, weight, bias, rows, shape, matrix) : nn.functional.linear(input, weight, bias);
    }

    /// <summary>The same product as a 1 x 1 convolution over tiles of 4 x 4 rows in channels-last form, which needs no copy. oneDNN's
    /// convolutions, backward ones included, are a third faster here than the matrix products of a libtorch without MKL.</summary>
    internal static Tensor Tiles(Tensor input, Tensor weight, Tensor? bias, long rows, long[] shape, long[] matrix)
    {
        using var scope = NewDisposeScope();
        var tiles = input.view(rows / TileRows, TileSide, TileSide, matrix[1]).permute(0, 3, 1, 2);      // [R / 16, in, 4, 4]
        var result = nn.functional.conv2d(tiles, weight.view(matrix[0], matrix[1], 1, 1), bias);       // [R / 16, out, 4, 4]
        return result.permute(0, 2, 3, 1).reshape([.. shape[..^1], matrix[0]]).MoveToOuterDisposeScope(); // [..., out]
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
