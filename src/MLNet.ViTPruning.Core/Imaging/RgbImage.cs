namespace MLNet.ViTPruning.Imaging;

/// <summary>A decoded 8-bit image: interleaved R, G, B, row by row, no padding.</summary>
/// <remarks>Immutable as long as the array given to the constructor is left alone, hence safe to read from many threads.</remarks>
public sealed class RgbImage
{
    private readonly byte[] _pixels;

    /// <summary>Wraps an array of pixels without copying it.</summary>
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Interleaved RGB of exactly width * height * 3 bytes; the image keeps the array.</param>
    /// <exception cref="ArgumentException">A side is below 1 or the array has another length.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        PixelConversion.CheckSize(width, height, pixels.Length, 3, nameof(pixels));
        (Width, Height, _pixels) = (width, height, pixels);
    }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Interleaved RGB, Width * Height * 3 bytes.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>Copies pixels of another layout; an alpha channel is dropped without blending.</summary>
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="layout">Order of the bytes of <paramref name="pixels"/>.</param>
    /// <param name="pixels">Interleaved pixels, no padding.</param>
    /// <exception cref="ArgumentException">A side is below 1 or the length does not fit it.</exception>
    public static RgbImage From(int width, int height, PixelLayout layout, ReadOnlySpan<byte> pixels)
    {
        PixelConversion.CheckSize(width, height, pixels.Length, PixelConversion.BytesPerPixel(layout), nameof(pixels));
        var rgb = new byte[width * height * 3];
        PixelConversion.ToRgb(pixels, layout, rgb);
        return new RgbImage(width, height, rgb);
    }

    /// <summary>Interleaves three planes of bytes.</summary>
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="planar">The R plane, then G, then B, each row by row.</param>
    /// <exception cref="ArgumentException">A side is below 1 or the length does not fit it.</exception>
    public static RgbImage FromPlanar(int width, int height, ReadOnlySpan<byte> planar)
    {
        PixelConversion.CheckSize(width, height, planar.Length, 3, nameof(planar));
        var count = width * height;
        var rgb = new byte[count * 3];
        for (var i = 0; i < count; i++)
        {
            rgb[3 * i] = planar[i];
            rgb[3 * i + 1] = planar[count + i];
            rgb[3 * i + 2] = planar[2 * count + i];
        }
        return new RgbImage(width, height, rgb);
    }
}
