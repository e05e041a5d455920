using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>One batch as an objective sees it. Nothing of it is the objective's to dispose.</summary>
/// <param name="Model">The model that learns, in training mode.</param>
/// <param name="Images">Normalised and augmented images <c>[B, 3, S, S]</c>, float32 on the model's device.</param>
/// <param name="Targets">Label distribution <c>[B, numClasses]</c>, float32, mixed and smoothed.</param>
/// <param name="Indices">Which images they are.</param>
/// <param name="Augmented">Whether the images differ from epoch to epoch; where they do not, what a teacher says of one may be remembered by its index.</param>
public sealed record TrainingStep(VisionModel Model, Tensor Images, Tensor Targets, IReadOnlyList<int> Indices, bool Augmented)
{
    /// <summary>An image's own share, in [0, 1], of itself and of its row of <see cref="Targets"/>; CutMix and Mixup took the rest from the
    /// image as far from the batch's end as this one is from its beginning.</summary>
    /// <value>The default is 1: nothing is mixed.</value>
    public double Share { get; init; } = 1;

    /// <summary>How the model answers where it is inside a larger one (<see cref="TrainedPart"/>); null for its own forward pass.</summary>
    internal Func<Tensor, List<Tensor>?, Tensor>? Forward { get; init; }

    /// <summary>The logits <c>[B, numClasses]</c> of the batch.</summary>
    /// <param name="blockOutputs">Receives the residual stream after each block; null for nothing.</param>
    internal Tensor Logits(List<Tensor>? blockOutputs = null) =>
        Forward is { } forward ? forward(Images, blockOutputs) : blockOutputs is null ? Model.forward(Images) : Model.ForwardWithFeatures(Images, blockOutputs).Logits;
}
