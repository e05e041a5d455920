namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>What is done to training images at random. Every draw depends on the seed, the epoch and the image alone.</summary>
public sealed record AugmentationOptions
{
    /// <summary>No augmentation: the model's own preprocessing.</summary>
    public static AugmentationOptions None { get; } = new();
}
