using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>A random part of an image, resized to the model's input with the model's own kernel.</summary>
/// <remarks>Source: Szegedy et al., "Going Deeper with Convolutions" (arXiv:1409.4842), section 6, as torchvision and timm have it: ten tries
/// of an area and a shape that fit into the image, else its largest central part of an allowed shape.</remarks>
public sealed record RandomResizedCrop
{
    /// <summary>The smallest share of the image's area, in (0, 1].</summary>
    /// <value>The default is 0.08.</value>
    public double MinArea { get; init; } = 0.08;

    /// <summary>The largest share of the image's area, in (0, 1].</summary>
    /// <value>The default is 1.</value>
    public double MaxArea { get; init; } = 1;

    /// <summary>The smallest width over height.</summary>
    /// <value>The default is 3/4.</value>
    public double MinAspectRatio { get; init; } = 3.0 / 4;

    /// <summary>The largest width over height.</summary>
    /// <value>The default is 4/3.</value>
    public double MaxAspectRatio { get; init; } = 4.0 / 3;

    internal IEnumerable<string?> Faults()
    {
        yield return Check.InRange(MinArea, 0, 1, lowerExclusive: true, name: "RandomResizedCrop.MinArea");
        yield return Check.InRange(MaxArea, 0, 1, lowerExclusive: true, name: "RandomResizedCrop.MaxArea");
        yield return Check.InRange(MinAspectRatio, 0, 100, lowerExclusive: true, name: "RandomResizedCrop.MinAspectRatio");
        yield return Check.InRange(MaxAspectRatio, 0, 100, lowerExclusive: true, name: "RandomResizedCrop.MaxAspectRatio");
        yield return Check.That(!(MinArea > MaxArea), FormattableString.Invariant(
            $"RandomResizedCrop.MinArea is {MinArea}; expected at most MaxArea, {MaxArea}."));
        yield return Check.That(!(MinAspectRatio > MaxAspectRatio), FormattableString.Invariant(
            $"RandomResizedCrop.MinAspectRatio is {MinAspectRatio}; expected at most MaxAspectRatio, {MaxAspectRatio}."));
    }
}
