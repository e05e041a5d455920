using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>How one batch is mixed. Its images are paired first with last, so that the middle one of an odd batch stays itself.</summary>
/// <param name="Share">What is left of an image, and of its label, in [0, 1].</param>
/// <param name="Box">The rectangle that is replaced (CutMix), or null where all is blended (Mixup).</param>
internal sealed record BatchMix(double Share, (int Left, int Top, int Width, int Height)? Box)
{
    /// <summary>Draws what a batch gets; null for nothing.</summary>
    /// <param name="options">What is on.</param>
    /// <param name="size">Side of the images in pixels.</param>
    /// <param name="random">The batch's numbers.</param>
    public static BatchMix? Draw(AugmentationOptions options, int size, CounterRandom random)
    {
        var (cutMix, mixup) = (options.CutMix, options.Mixup);
        if (cutMix is not null && mixup is not null && random.NextDouble() >= options.CutMixShare) cutMix = null;
        if (cutMix is not null) return random.NextDouble() < cutMix.Probability ? Cut(cutMix, size, ref random) : null;
        if (mixup is null || random.NextDouble() >= mixup.Probability) return null;
        return new BatchMix(random.NextBeta(mixup.Alpha, mixup.Alpha), null);
    }

    private static BatchMix Cut(CutMix options, int size, ref CounterRandom random)
    {
        double share = random.NextBeta(options.Alpha, options.Alpha);
        if (options.OwnPartLarger) share = Math.Max(share, 1 - share);
        int side = (int)(size * Math.Sqrt(1 - share));
        var (left, width) = Clipped(random.NextInt(size) - side / 2, side, size);
        var (top, height) = Clipped(random.NextInt(size) - side / 2, side, size);
        return new BatchMix(1 - (double)width * height / ((double)size * size), (left, top, width, height));
    }

    private static (int Start, int Length) Clipped(int start, int length, int size)
    {
        int from = Math.Max(start, 0);
        return (from, Math.Min(start + length, size) - from);
    }

    /// <summary>Mixes a batch in place.</summary>
    /// <param name="images">Normalised images <c>[B, 3, S, S]</c>.</param>
    /// <param name="targets">Label distribution <c>[B, numClasses]</c>.</param>
    public void Apply(Tensor images, Tensor targets)
    {
        using var scope = NewDisposeScope();
        if (Box is null) Blend(images);
        else if (Box is { Width: > 0, Height: > 0 } box)
        {
            var part = images.narrow(2, box.Top, box.Height).narrow(3, box.Left, box.Width);    // [B, 3, h, w]
            part.copy_(part.flip(0));
        }
        Blend(targets);
    }

    private void Blend(Tensor own)
    {
        var other = own.flip(0).mul_(1 - Share);
        own.mul_(Share).add_(other);
    }
}
