namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Products of sizes that a file claims: never trusted, never wrapped around.</summary>
internal static class ShapeMath
{
    /// <summary>libtorch's own limit.</summary>
    public const int MaxDimensions = 64;

    /// <summary>The number of elements, or null where it does not fit 63 bits or a size is negative.</summary>
    public static long? ElementCount(IReadOnlyList<long> shape)
    {
        long count = 1;
        foreach (long size in shape)
        {
            if (size < 0) return null;
            // Checked in sequence, so [huge, huge, 0] is refused too: no honest file says so.
            if (Math.BigMul(count, size, out long low) is not 0 || low < 0) return null;
            count = low;
        }
        return count;
    }

    /// <summary>The number of bytes, or null where it does not fit 63 bits or a size is negative.</summary>
    public static long? ByteCount(IReadOnlyList<long> shape, int elementSize) =>
        ElementCount(shape) is long count && count <= long.MaxValue / elementSize ? count * elementSize : null;

    /// <summary>Strides in elements of a contiguous tensor of this shape.</summary>
    public static long[] ContiguousStrides(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long step = 1;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(shape[i], 1);
        }
        return strides;
    }

    public static string Format(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
