using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Something that stands beside a model in its file and that the models know nothing of.</summary>
/// <param name="MetadataKey">The key of its description.</param>
/// <param name="Description">The description, as JSON.</param>
/// <param name="Tensors">Its tensors, under names that no model has; not owned.</param>
internal sealed record ModelPart(string MetadataKey, string Description, IReadOnlyList<(string Name, Tensor Tensor)> Tensors);
