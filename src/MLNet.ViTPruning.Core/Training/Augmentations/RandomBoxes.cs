using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Random rectangles of an image.</summary>
internal static class RandomBoxes
{
    private const int Tries = 10;

    /// <summary>The part that a random resized crop cuts out.</summary>
    public static (int Left, int Top, int Width, int Height) Crop(RandomResizedCrop options, int width, int height, ref CounterRandom random)
    {
        for (int i = 0; i < Tries; i++)
        {
            double area = random.NextDouble(options.MinArea, options.MaxArea) * width * height;
            double ratio = Math.Exp(random.NextDouble(Math.Log(options.MinAspectRatio), Math.Log(options.MaxAspectRatio)));
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (w > 0 && h > 0 && w <= width && h <= height) return (random.NextInt(width - w + 1), random.NextInt(height - h + 1), w, h);
        }
        return Central(options, width, height);
    }

    /// <summary>The rectangle that random erasing fills; null where none is filled.</summary>
    /// <param name="options">Area and shape.</param>
    /// <param name="size">Side of the image in pixels.</param>
    /// <param name="noise">Room for so many numbers of noise.</param>
    /// <param name="random">The image's numbers.</param>
    public static Erasure? Erase(RandomErasing options, int size, Func<int, Memory<float>> noise, ref CounterRandom random)
    {
        if (random.NextDouble() >= options.Probability) return null;
        double steepest = -Math.Log(options.MinAspectRatio);
        for (int i = 0; i < Tries; i++)
        {
            double area = random.NextDouble(options.MinArea, options.MaxArea) * size * size;
            double ratio = Math.Exp(random.NextDouble(-steepest, steepest));
            var (w, h) = ((int)Math.Round(Math.Sqrt(area / ratio)), (int)Math.Round(Math.Sqrt(area * ratio)));
            if (w < 1 || h < 1 || w >= size || h >= size) continue;
            var (left, top) = (random.NextInt(size - w + 1), random.NextInt(size - h + 1));
            var values = options.Fill == ErasingFill.Noise ? noise(3 * w * h) : default;
            foreach (ref float value in values.Span) value = (float)random.NextNormal();
            return new Erasure(left, top, w, h, values);
        }
        return null;
    }

    // Where ten tries found nothing: the whole image, or as much of its middle as an allowed shape takes.
    private static (int Left, int Top, int Width, int Height) Central(RandomResizedCrop options, int width, int height)
    {
        var (w, h) = (width, height);
        double ratio = (double)width / height;
        if (ratio < options.MinAspectRatio) h = Math.Max(1, (int)Math.Round(width / options.MinAspectRatio));
        else if (ratio > options.MaxAspectRatio) w = Math.Max(1, (int)Math.Round(height * options.MaxAspectRatio));
        return ((width - w) / 2, (height - h) / 2, w, h);
    }
}
