using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Operations that give each value of a channel another value, whatever its neighbours.</summary>
internal static class TableOperations
{
    /// <summary>Keeps the highest bits of each value.</summary>
    public static void Posterize(ImageCanvas canvas, int bits)
    {
        byte mask = (byte)(0xff << (8 - bits));
        foreach (ref byte value in canvas.Pixels) value &= mask;
    }

    /// <summary>Inverts values that reach a threshold.</summary>
    public static void Solarize(ImageCanvas canvas, double threshold)
    {
        foreach (ref byte value in canvas.Pixels)
            if (value >= threshold) value = (byte)(255 - value);
    }

    /// <summary>Stretches each channel to 0..255.</summary>
    public static void AutoContrast(ImageCanvas canvas)
    {
        Span<int> counts = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (int c = 0; c < 3; c++)
        {
            Count(canvas, c, counts);
            int low = counts.IndexOfAnyExcept(0), high = counts.LastIndexOfAnyExcept(0);
            if (high == low) continue;
            double scale = 255.0 / (high - low);
            for (int i = low; i <= high; i++) table[i] = (byte)Math.Clamp(i * scale - low * scale, 0, 255);
            Replace(canvas, c, table);
        }
    }

    /// <summary>Makes each channel's values about equally frequent: a value becomes the count of smaller ones in steps of
    /// (all - those of the largest value) / 255.</summary>
    public static void Equalize(ImageCanvas canvas)
    {
        Span<int> counts = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (int c = 0; c < 3; c++)
        {
            Count(canvas, c, counts);
            int step = (canvas.Width * canvas.Height - counts[counts.LastIndexOfAnyExcept(0)]) / 255;
            if (step == 0) continue;                                // a single value, or too few pixels
            int below = step / 2;
            for (int i = 0; i < 256; i++)
            {
                table[i] = (byte)Math.Min(below / step, 255);
                below += counts[i];
            }
            Replace(canvas, c, table);
        }
    }

    private static void Count(ImageCanvas canvas, int channel, Span<int> counts)
    {
        counts.Clear();
        var pixels = canvas.Pixels;
        for (int i = channel; i < pixels.Length; i += 3) counts[pixels[i]]++;
    }

    private static void Replace(ImageCanvas canvas, int channel, ReadOnlySpan<byte> table)
    {
        var pixels = canvas.Pixels;
        for (int i = channel; i < pixels.Length; i += 3) pixels[i] = table[pixels[i]];
    }
}
