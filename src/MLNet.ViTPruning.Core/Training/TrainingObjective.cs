using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>What a training minimises. An objective holds no state that a step changes.</summary>
public abstract class TrainingObjective
{
    /// <summary>Cross-entropy with the labels.</summary>
    public static TrainingObjective CrossEntropy { get; } = new CrossEntropyObjective();

    /// <summary>The loss of one batch.</summary>
    /// <param name="step">The model, and the batch it learns from.</param>
    /// <returns>A scalar, mean over the batch's images, owned by the caller.</returns>
    public abstract Tensor Loss(TrainingStep step);
}
