using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Everything that is done to one image at random, and its preparation. Safe for concurrent use.</summary>
internal sealed class ImageAugmenter(AugmentationOptions options, ImagePreparation preparation, int size)
{
    /// <param name="canvas">The decoded image.</param>
    /// <param name="image">Receives it.</param>
    /// <param name="random">The image's numbers.</param>
    public void Run(ImageCanvas canvas, PreparedImage image, CounterRandom random)
    {
        if (options.RandomResizedCrop is { } crop)
        {
            var (left, top, width, height) = RandomBoxes.Crop(crop, canvas.Width, canvas.Height, ref random);
            canvas.Crop(left, top, width, height);
            preparation.ResizeToModel(canvas);
        }
        if (options.CropPadding is > 0 and var padding)
            CropAndFlip.PadAndCrop(canvas, padding, random.NextInt(2 * padding + 1), random.NextInt(2 * padding + 1));
        if (options.HorizontalFlip > 0 && random.NextDouble() < options.HorizontalFlip) CropAndFlip.Flip(canvas);
        if (options.RandAugment is { } randAugment) PixelOperation.Run(randAugment, canvas, ref random);
        if (options.RandomResizedCrop is not null) ImagePreparation.PrepareAsIs(canvas, image);
        else preparation.Prepare(canvas, image);
        if (options.RandomErasing is { } erasing) image.Erasure = RandomBoxes.Erase(erasing, size, image.Noise, ref random);
    }
}
