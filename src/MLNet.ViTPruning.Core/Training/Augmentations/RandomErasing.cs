using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>What fills an erased rectangle.</summary>
public enum ErasingFill
{
    /// <summary>Zeros, which after normalisation are the mean colour.</summary>
    Zeros,

    /// <summary>Numbers of the standard normal distribution, another one for each pixel and channel.</summary>
    Noise,
}

/// <summary>Fills a random rectangle of an image, after it is normalised.</summary>
/// <remarks>Source: Zhong et al., "Random Erasing Data Augmentation" (arXiv:1708.04896), algorithm 1, as timm has it: the
/// logarithm of height over width is uniform, ten tries to fit a rectangle into the image, else it is left as it is.</remarks>
public sealed record RandomErasing
{
    /// <summary>Share of the images that it is tried on, in [0, 1].</summary>
    /// <value>The default is 0.25.</value>
    public double Probability { get; init; } = 0.25;

    /// <summary>The smallest share of the image's area, in (0, 1].</summary>
    /// <value>The default is 0.02.</value>
    public double MinArea { get; init; } = 0.02;

    /// <summary>The largest share of the image's area, in (0, 1].</summary>
    /// <value>The default is 1/3.</value>
    public double MaxArea { get; init; } = 1.0 / 3;

    /// <summary>The smallest height over width, in (0, 1]; its reciprocal is the largest.</summary>
    /// <value>The default is 0.3.</value>
    public double MinAspectRatio { get; init; } = 0.3;

    /// <summary>What fills the rectangle.</summary>
    /// <value>The default is <see cref="ErasingFill.Noise"/>.</value>
    public ErasingFill Fill { get; init; } = ErasingFill.Noise;

    internal IEnumerable<string?> Faults()
    {
        yield return Check.InRange(Probability, 0, 1, name: "RandomErasing.Probability");
        yield return Check.InRange(MinArea, 0, 1, lowerExclusive: true, name: "RandomErasing.MinArea");
        yield return Check.InRange(MaxArea, 0, 1, lowerExclusive: true, name: "RandomErasing.MaxArea");
        yield return Check.InRange(MinAspectRatio, 0, 1, lowerExclusive: true, name: "RandomErasing.MinAspectRatio");
        yield return Check.Defined(Fill, name: "RandomErasing.Fill");
        yield return Check.That(!(MinArea > MaxArea), FormattableString.Invariant(
            $"RandomErasing.MinArea is {MinArea}; expected at most MaxArea, {MaxArea}."));
    }
}
