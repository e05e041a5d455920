using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Training;

/// <summary>What a training works on.</summary>
public sealed record TrainingJob
{
    /// <summary>The images to learn from.</summary>
    public required ITrainingImages Images { get; init; }

    /// <summary>Images that choose the best epoch; <see langword="null"/> keeps the last one's weights.</summary>
    public ITrainingImages? Validation { get; init; }

    /// <summary>The recipe.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>What is minimised.</summary>
    /// <value>The default is cross-entropy with the labels.</value>
    public TrainingObjective Objective { get; init; } = TrainingObjective.CrossEntropy;

    /// <summary>Weights that stay zero beside those that the model's own masks hold there: parameter name to a mask of its shape, 0 or 1. The caller
    /// keeps and disposes them.</summary>
    public IReadOnlyDictionary<string, TorchSharp.torch.Tensor>? Masks { get; init; }

    /// <summary>How the model was pruned, as JSON, to stand beside its weights in the run folder's model; <see langword="null"/> where it was not.</summary>
    public string? Plan { get; init; }

    /// <summary>Folder of checkpoints; <see langword="null"/> writes none.</summary>
    public string? RunFolder { get; init; }

    /// <summary>Goes on from the folder's newest good checkpoint, or starts where there is none. Without it a folder that holds a run is refused.</summary>
    public bool Resume { get; init; }

    /// <summary>What learns, and how it answers, where that is not the whole model by itself.</summary>
    internal TrainedPart? Part { get; init; }

    /// <summary>All masks that hold for a model.</summary>
    internal IReadOnlyCollection<KeyValuePair<string, TorchSharp.torch.Tensor>> MasksOf(VisionModel model) => [.. model.WeightMasks, .. Masks ?? model.WeightMasks.Take(0)];
}
