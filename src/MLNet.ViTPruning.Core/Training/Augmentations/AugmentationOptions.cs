using System.Text.Json.Serialization;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>What is done to training images at random, in the order of the members. Every draw depends on the seed, the epoch and the
/// image, or the batch, alone.</summary>
/// <remarks>An image is cropped, flipped and recoloured as 8-bit pixels; after resizing and normalising it is erased in part, and the
/// batch is mixed. Validation images only get the model's own preprocessing.</remarks>
public sealed record AugmentationOptions
{
    /// <summary>Cuts out a random part and resizes it to the model's input, in place of the model's own resizing.</summary>
    /// <value>The default is <see langword="null"/>: not done.</value>
    public RandomResizedCrop? RandomResizedCrop { get; init; }

    /// <summary>Black pixels put around the image, at its own size, before a random part of that size is cut out; 0 for none.</summary>
    /// <value>The default is 0.</value>
    public int CropPadding { get; init; }

    /// <summary>Probability of a horizontal flip, in [0, 1].</summary>
    /// <value>The default is 0.</value>
    public double HorizontalFlip { get; init; }

    /// <summary>Shears, turns, recolours and the like.</summary>
    /// <value>The default is <see langword="null"/>: not done.</value>
    public RandAugment? RandAugment { get; init; }

    /// <summary>Fills a random rectangle of the normalised image.</summary>
    /// <value>The default is <see langword="null"/>: not done.</value>
    public RandomErasing? RandomErasing { get; init; }

    /// <summary>Replaces a rectangle of each image by the same one of another image, and mixes their labels by area.</summary>
    /// <value>The default is <see langword="null"/>: not done.</value>
    public CutMix? CutMix { get; init; }

    /// <summary>Blends each image with another one, and their labels alike.</summary>
    /// <value>The default is <see langword="null"/>: not done.</value>
    public Mixup? Mixup { get; init; }

    /// <summary>Where both <see cref="CutMix"/> and <see cref="Mixup"/> are on, the probability that a batch gets CutMix rather than Mixup.</summary>
    /// <value>The default is 0.5.</value>
    public double CutMixShare { get; init; } = 0.5;

    /// <summary>Whether images differ from epoch to epoch.</summary>
    [JsonIgnore]
    public bool Changes => RandomResizedCrop is not null || CropPadding > 0 || HorizontalFlip > 0 || RandAugment is { Probability: > 0 }
        || RandomErasing is { Probability: > 0 } || CutMix is { Probability: > 0 } || Mixup is { Probability: > 0 };

    /// <summary>No augmentation: the model's own preprocessing.</summary>
    public static AugmentationOptions None { get; } = new();

    /// <summary>CIFAR's usual one: 4 pixels of padding, flip.</summary>
    public static AugmentationOptions Cifar { get; } = new() { CropPadding = 4, HorizontalFlip = 0.5 };

    /// <summary><see cref="Cifar"/>, and CutMix in half of the batches: for training from random weights.</summary>
    public static AugmentationOptions CifarStrong { get; } = Cifar with { CutMix = new CutMix { Probability = 0.5 } };

    /// <summary>UP-ViTs' fine-tuning: random resized crop, flip, CutMix in every batch with the image's own part the larger one.</summary>
    public static AugmentationOptions UpVits { get; } = new()
    {
        RandomResizedCrop = new RandomResizedCrop(),
        HorizontalFlip = 0.5,
        CutMix = new CutMix { Alpha = 0.5, OwnPartLarger = true },
    };

    /// <summary>DeiT's training on ImageNet: random resized crop, flip, RandAugment (two operations of strength 9 of 10, each done half of
    /// the time), erasing in a quarter of the images, Mixup or CutMix in every batch.</summary>
    public static AugmentationOptions ImageNet { get; } = new()
    {
        RandomResizedCrop = new RandomResizedCrop(),
        HorizontalFlip = 0.5,
        RandAugment = new RandAugment { Magnitude = 27, Probability = 0.5 },
        RandomErasing = new RandomErasing(),
        CutMix = new CutMix(),
        Mixup = new Mixup(),
    };

    /// <summary>The presets by the name that the command line knows them under.</summary>
    public static IReadOnlyDictionary<string, AugmentationOptions> Presets { get; } = new Dictionary<string, AugmentationOptions>
    {
        ["none"] = None,
        ["cifar"] = Cifar,
        ["cifar-strong"] = CifarStrong,
        ["up-vits"] = UpVits,
        ["imagenet"] = ImageNet,
    };

    /// <summary>One sentence for each option that is out of its range.</summary>
    internal IEnumerable<string?> Faults()
    {
        yield return CropPadding is >= 0 and <= 1024 ? null : $"CropPadding is {CropPadding}; expected 0 to 1024.";
        yield return Check.InRange(HorizontalFlip, 0, 1);
        yield return Check.InRange(CutMixShare, 0, 1);
        yield return Check.That(RandomResizedCrop is null || CropPadding == 0,
            $"RandomResizedCrop and CropPadding ({CropPadding}) are both set; expected one of them.");
        foreach (var fault in RandomResizedCrop?.Faults() ?? []) yield return fault;
        foreach (var fault in RandAugment?.Faults() ?? []) yield return fault;
        foreach (var fault in RandomErasing?.Faults() ?? []) yield return fault;
        foreach (var fault in CutMix?.Faults() ?? []) yield return fault;
        foreach (var fault in Mixup?.Faults() ?? []) yield return fault;
    }
}
