using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>What an objective may know of the training that it is used in.</summary>
/// <param name="Model">The model that learns.</param>
/// <param name="ComputedIn">Number format of its matrix products.</param>
/// <param name="Images">Training images.</param>
/// <param name="Epochs">Epochs.</param>
/// <param name="Augmented">Whether images differ from epoch to epoch.</param>
/// <param name="FirstEpoch">The first epoch's batches from a batch on.</param>
internal sealed record ObjectiveContext(
    VisionModel Model, ComputePrecision ComputedIn, int Images, int Epochs, bool Augmented, Func<int, IEnumerable<TrainingBatch>> FirstEpoch)
{
    /// <summary>Reads the training's images in stored order, prepared as another model needs them; the loader is the receiver's to dispose.</summary>
    public required Func<ModelConfiguration, BatchLoader> Clean { get; init; }

    /// <summary>What tells the training's images from others.</summary>
    public required string ImagesKey { get; init; }

    /// <summary>The training's folder, or null.</summary>
    public string? RunFolder { get; init; }

    /// <summary>Receives how many images a teacher has seen ahead of the first step.</summary>
    public required Action<int> TeacherProgress { get; init; }
}

/// <summary>An objective during one training.</summary>
/// <param name="objective">The objective.</param>
internal class ObjectiveRun(TrainingObjective objective) : IDisposable
{
    /// <inheritdoc cref="TrainingObjective.Description"/>
    public virtual string Description => objective.Description;

    /// <summary>Called before the first batch of an epoch, or of the rest of one.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="cancellation">Ends the preparation early.</param>
    public virtual void BeginEpoch(int epoch, CancellationToken cancellation)
    {
    }

    /// <inheritdoc cref="TrainingObjective.Loss"/>
    public virtual Tensor Loss(TrainingStep step) => objective.Loss(step);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
