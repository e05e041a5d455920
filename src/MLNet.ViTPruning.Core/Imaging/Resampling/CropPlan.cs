namespace MLNet.ViTPruning.Imaging.Resampling;

/// <summary>Where a model's square input lies in the resized image. 64-bit, because only the crop is ever computed:
/// a very long image may have a resized side that no array could hold.</summary>
/// <param name="ResizedWidth">Width of the whole image after resizing.</param>
/// <param name="ResizedHeight">Height of the whole image after resizing.</param>
/// <param name="Left">First column of the crop.</param>
/// <param name="Top">First row of the crop.</param>
/// <param name="Size">Side of the crop.</param>
internal readonly record struct CropPlan(long ResizedWidth, long ResizedHeight, long Left, long Top, int Size)
{
    /// <summary>torchvision's rule: the shorter side becomes <paramref name="shorterSide"/>, the longer one is cut down to an
    /// integer, the crop's offset is half of the rest, rounded to even.</summary>
    public static CropPlan Create(int width, int height, int? shorterSide, int size)
    {
        if (shorterSide is not { } n) return new(size, size, 0, 0, size);
        var (resizedWidth, resizedHeight) = width <= height
            ? ((long)n, (long)n * height / width)
            : ((long)n * width / height, (long)n);
        return new(resizedWidth, resizedHeight, Offset(resizedWidth, size), Offset(resizedHeight, size), size);
    }

    private static long Offset(long side, int size) => (long)Math.Round((side - size) / 2.0, MidpointRounding.ToEven);
}
