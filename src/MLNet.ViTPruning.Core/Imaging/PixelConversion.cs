namespace MLNet.ViTPruning.Imaging;

/// <summary>Interleaved pixels of any layout to interleaved RGB.</summary>
internal static class PixelConversion
{
    public static int BytesPerPixel(PixelLayout layout) => layout switch
    {
        PixelLayout.Rgb24 => 3,
        PixelLayout.Rgba32 or PixelLayout.Bgra32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "Expected Rgb24, Rgba32 or Bgra32."),
    };

    /// <summary>Drops alpha without blending, as timm and torchvision do with <c>convert("RGB")</c>.</summary>
    public static void ToRgb(ReadOnlySpan<byte> source, PixelLayout layout, Span<byte> rgb)
    {
        if (layout == PixelLayout.Rgb24)
        {
            source.CopyTo(rgb);
            return;
        }
        var (red, blue) = layout == PixelLayout.Rgba32 ? (0, 2) : (2, 0);
        for (var (from, to) = (0, 0); to + 2 < rgb.Length; from += 4, to += 3)
        {
            var pixel = source.Slice(from, 4);
            rgb[to] = pixel[red];
            rgb[to + 1] = pixel[1];
            rgb[to + 2] = pixel[blue];
        }
    }

    public static void CheckSize(int width, int height, int length, int bytesPerPixel, string parameter)
    {
        if (width < 1 || height < 1)
            throw new ArgumentException($"The image is {width} x {height} pixels; expected at least 1 x 1.", parameter);
        if ((long)width * height * bytesPerPixel != length)
            throw new ArgumentException($"{parameter} has {length} bytes; "
                + $"{width} x {height} pixels of {bytesPerPixel} bytes need {(long)width * height * bytesPerPixel}.", parameter);
    }
}
