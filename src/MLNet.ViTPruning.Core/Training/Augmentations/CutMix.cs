using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Replaces a rectangle of each image by the same one of another image of the batch; labels are mixed by the area that is left.</summary>
/// <remarks>Source: Yun et al., "CutMix" (arXiv:1905.04899), section 3.1. The rectangle's centre is uniform over the image; what lies
/// outside is cut off, and the labels' share is corrected for that. One share and one rectangle for the batch; its images are paired
/// first with last.</remarks>
public sealed record CutMix
{
    /// <summary>Both parameters of the Beta distribution of the own image's share, in [0.01, 100].</summary>
    /// <value>The default is 1: uniform.</value>
    public double Alpha { get; init; } = 1;

    /// <summary>Share of the batches that are mixed, in [0, 1].</summary>
    /// <value>The default is 1.</value>
    public double Probability { get; init; } = 1;

    /// <summary>Whether a share below one half is turned into one minus it, as UP-ViTs does, so that an image's own part is the larger one.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool OwnPartLarger { get; init; }

    internal IEnumerable<string?> Faults()
    {
        yield return Check.InRange(Alpha, 0.01, 100, name: "CutMix.Alpha");
        yield return Check.InRange(Probability, 0, 1, name: "CutMix.Probability");
    }
}
