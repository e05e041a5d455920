using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Fits learned positions to another image or window size, as timm does when it loads weights.</summary>
public static class PositionEmbedding
{
    /// <summary>Resamples the position embedding of a plain ViT to another grid of patches (bicubic, antialiased).</summary>
    /// <param name="positions">Positions <c>[1, prefixTokens + g * g, C]</c>; not disposed.</param>
    /// <param name="prefixTokens">Tokens before the patches, kept as they are.</param>
    /// <param name="grid">Side of the new grid in patches.</param>
    /// <returns>Positions <c>[1, prefixTokens + grid * grid, C]</c> in the same type, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The positions do not form a square grid.</exception>
    public static Tensor Interpolate(Tensor positions, int prefixTokens, int grid)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(grid);
        if (positions.shape is not [1, var tokens, var width] || tokens <= prefixTokens || Side(tokens - prefixTokens) is not { } side)
            throw new ArgumentException($"positions is [{string.Join(", ", positions.shape)}]; expected [1, {prefixTokens} + g * g, C].", nameof(positions));
        using var scope = NewDisposeScope();
        var patches = positions.narrow(1, prefixTokens, side * side).view(1, side, side, width).permute(0, 3, 1, 2); // [1, C, g, g]
        patches = Resample(patches, grid, antialias: true).permute(0, 2, 3, 1).reshape(1, (long)grid * grid, width);   // [1, grid * grid, C]
        return cat([positions.narrow(1, 0, prefixTokens), patches.to(positions.dtype)], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Resamples a relative position bias table to another window (bicubic).</summary>
    /// <param name="table">Biases <c>[(2w - 1)^2, heads]</c>; not disposed.</param>
    /// <param name="window">Side of the new window in tokens.</param>
    /// <returns>Biases <c>[(2 * window - 1)^2, heads]</c> in the same type, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The table's rows do not form a square.</exception>
    public static Tensor InterpolateBias(Tensor table, int window)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        if (table.shape is not [var rows, var heads] || Side(rows) is not { } side)
            throw new ArgumentException($"table is [{string.Join(", ", table.shape)}]; expected [(2w - 1)^2, heads].", nameof(table));
        using var scope = NewDisposeScope();
        int span = 2 * window - 1;
        var biases = table.transpose(0, 1).reshape(1, heads, side, side);                                                  // [1, heads, 2w - 1, 2w - 1]
        biases = Resample(biases, span, antialias: false).view(heads, (long)span * span).transpose(0, 1);                  // [span * span, heads]
        return biases.contiguous().to(table.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor Resample(Tensor x, long side, bool antialias) => nn.functional.interpolate(
        x.to(ScalarType.Float32).contiguous(), [side, side], mode: InterpolationMode.Bicubic, align_corners: false, antialias: antialias);

    private static long? Side(long squared)
    {
        long side = (long)Math.Round(Math.Sqrt(squared));
        return side > 0 && side * side == squared ? side : null;
    }
}
