using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Some of fourteen operations on an image's pixels, all of one strength.</summary>
/// <remarks>Source: Cubuk et al., "RandAugment" (arXiv:1909.13719), section 3: identity, shear, translation and rotation, brightness, colour,
/// contrast, sharpness, posterize, solarize, autocontrast, equalize. Strengths are torchvision's: linear from none at 0 to shear 0.3,
/// translation by 150/331 of the side, 30 degrees, factors 1 ± 0.9, 4 bits and threshold 0 at 30. Directions are drawn; what comes
/// into view is black. timm's magnitude 9 of 10 is 27 here.</remarks>
public sealed record RandAugment
{
    /// <summary>The strongest that <see cref="Magnitude"/> may be.</summary>
    public const int MaxMagnitude = 30;

    /// <summary>Operations for each image, drawn with replacement, 1 to 14.</summary>
    /// <value>The default is 2.</value>
    public int Operations { get; init; } = 2;

    /// <summary>Strength of the operations that have one, 0 to 30.</summary>
    /// <value>The default is 9.</value>
    public int Magnitude { get; init; } = 9;

    /// <summary>Probability that a drawn operation is done, in [0, 1].</summary>
    /// <value>The default is 1.</value>
    public double Probability { get; init; } = 1;

    internal IEnumerable<string?> Faults()
    {
        yield return Operations is >= 1 and <= 14 ? null : $"RandAugment.Operations is {Operations}; expected 1 to 14.";
        yield return Magnitude is >= 0 and <= MaxMagnitude ? null : $"RandAugment.Magnitude is {Magnitude}; expected 0 to {MaxMagnitude}.";
        yield return Check.InRange(Probability, 0, 1, name: "RandAugment.Probability");
    }
}
