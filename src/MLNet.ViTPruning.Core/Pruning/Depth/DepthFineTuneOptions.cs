using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>A short training after each removal of depth pruning: the smaller model learns from the labels and from the original model's
/// predictions, without augmentation.</summary>
public sealed record DepthFineTuneOptions
{
    /// <summary>Passes over the images.</summary>
    /// <value>The default is 1.</value>
    public int Epochs { get; init; } = 1;

    /// <summary>Labelled training images, drawn class by class. Fewer are used where there are fewer.</summary>
    /// <value>The default is 1000.</value>
    public int Images { get; init; } = 1000;

    /// <summary>Images of one step.</summary>
    /// <value>The default is 32.</value>
    public int BatchSize { get; init; } = 32;

    /// <summary>The highest learning rate, reached after a tenth of the training.</summary>
    /// <value>The default is 1e-4.</value>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>One sentence for each fault.</summary>
    /// <param name="prefix">Stands before the options' names.</param>
    internal IEnumerable<string?> Faults(string prefix) =>
    [
        Check.AtLeast(Epochs, 1, prefix + nameof(Epochs)),
        Check.AtLeast(Images, 1, prefix + nameof(Images)),
        Check.AtLeast(BatchSize, 1, prefix + nameof(BatchSize)),
        Check.InRange(LearningRate, 0, 1e3, lowerExclusive: true, prefix + nameof(LearningRate)),
    ];
}
