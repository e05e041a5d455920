using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>One batch as an objective sees it. Nothing of it is the objective's to dispose.</summary>
/// <param name="Model">The model that learns, in training mode.</param>
/// <param name="Images">Normalised and augmented images <c>[B, 3, S, S]</c>, float32 on the model's device.</param>
/// <param name="Targets">Label distribution <c>[B, numClasses]</c>, float32, mixed and smoothed.</param>
/// <param name="Indices">Which images they are.</param>
/// <param name="Augmented">Whether the images differ from epoch to epoch; where they do not, what a teacher says of one may be remembered by its index.</param>
public sealed record TrainingStep(VisionModel Model, Tensor Images, Tensor Targets, IReadOnlyList<int> Indices, bool Augmented);
