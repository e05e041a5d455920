using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Blends each image with another one of the batch, and their labels alike.</summary>
/// <remarks>Source: Zhang et al., "mixup" (arXiv:1710.09412), section 2. One share for the batch; its images are paired first with last.</remarks>
public sealed record Mixup
{
    /// <summary>Both parameters of the Beta distribution of the own image's share, in [0.01, 100].</summary>
    /// <value>The default is 0.8.</value>
    public double Alpha { get; init; } = 0.8;

    /// <summary>Share of the batches that are mixed, in [0, 1].</summary>
    /// <value>The default is 1.</value>
    public double Probability { get; init; } = 1;

    internal IEnumerable<string?> Faults()
    {
        yield return Check.InRange(Alpha, 0.01, 100, name: "Mixup.Alpha");
        yield return Check.InRange(Probability, 0, 1, name: "Mixup.Probability");
    }
}
