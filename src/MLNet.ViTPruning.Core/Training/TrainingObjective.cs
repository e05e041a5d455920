using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>What a training minimises. An objective holds no state that a step changes.</summary>
public abstract class TrainingObjective
{
    /// <summary>Cross-entropy with the labels.</summary>
    public static TrainingObjective CrossEntropy { get; } = new CrossEntropyObjective();

    /// <summary>What it is, in a few words; a checkpoint is resumed only with an objective of the same description.</summary>
    /// <value>The default is the type's name.</value>
    public virtual string Description => GetType().Name;

    /// <summary>The loss of one batch.</summary>
    /// <param name="step">The model, and the batch it learns from.</param>
    /// <returns>A scalar, mean over the batch's images, owned by the caller.</returns>
    public abstract Tensor Loss(TrainingStep step);

    /// <summary>Makes what the objective needs during one training.</summary>
    /// <param name="context">The training.</param>
    /// <returns>The objective of that training, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The objective does not fit the model.</exception>
    internal virtual ObjectiveRun Start(ObjectiveContext context) => new(this);
}
