using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Operations that go from a poorer image through the image itself (factor 1) beyond it, in single precision and cut off to 8 bits as Pillow does.</summary>
internal static class BlendOperations
{
    /// <summary>Away from black.</summary>
    public static void Brightness(ImageCanvas canvas, double factor)
    {
        foreach (ref byte value in canvas.Pixels) value = Blend(0, value, (float)factor);
    }

    /// <summary>Away from grey of each pixel's own luma.</summary>
    public static void Color(ImageCanvas canvas, double factor)
    {
        var pixels = canvas.Pixels;
        for (int i = 0; i < pixels.Length; i += 3)
        {
            int grey = Luma(pixels.Slice(i, 3));
            for (int c = 0; c < 3; c++) pixels[i + c] = Blend(grey, pixels[i + c], (float)factor);
        }
    }

    /// <summary>Away from grey of the mean luma.</summary>
    public static void Contrast(ImageCanvas canvas, double factor)
    {
        var pixels = canvas.Pixels;
        long sum = 0;
        for (int i = 0; i < pixels.Length; i += 3) sum += Luma(pixels.Slice(i, 3));
        int mean = (int)((double)sum / (pixels.Length / 3) + 0.5);
        foreach (ref byte value in pixels) value = Blend(mean, value, (float)factor);
    }

    /// <summary>Away from the image smoothed by ((1, 1, 1), (1, 5, 1), (1, 1, 1)) / 13; pixels at the edge stay as they are.</summary>
    public static void Sharpness(ImageCanvas canvas, double factor)
    {
        var (width, height) = (canvas.Width, canvas.Height);
        var from = canvas.Pixels;
        var to = canvas.Next(width, height);
        from.CopyTo(to);
        int stride = width * 3;
        for (int y = 1; y < height - 1; y++)
            for (int i = y * stride + 3; i < (y + 1) * stride - 3; i++)
            {
                int sum = 4 * from[i];
                for (int row = i - stride; row <= i + stride; row += stride) sum += from[row - 3] + from[row] + from[row + 3];
                to[i] = Blend((2 * sum + 13) / 26, from[i], (float)factor);
            }
        canvas.Swap(width, height);
    }

    // ITU-R 601 luma in 16 fractional bits, rounded.
    private static int Luma(ReadOnlySpan<byte> rgb) => (rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16;

    private static byte Blend(int poorer, int own, float factor) => (byte)Math.Clamp(poorer + factor * (own - poorer), 0f, 255f);
}
