using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>What learns in a training where that is not a model by itself: parts that stand beside a model, or a model inside a larger one.</summary>
/// <param name="Learner">The parameters that change: all of this module's, and no others.</param>
/// <param name="Forward">Logits <c>[B, numClasses]</c> of the larger model for images <c>[B, 3, S, S]</c>, owned by the caller; for losses and validation. The
/// list, where there is one, receives the residual stream after each block, owned by the caller too.</param>
/// <param name="Save">Saves the larger model in a <c>.safetensors</c> file.</param>
/// <param name="Description">What it is; a checkpoint is resumed only with a part of the same description.</param>
/// <param name="StartCounts">Whether the weights that it comes with are validated too, and stay where no epoch is better: for parts that are of use untrained.</param>
internal sealed record TrainedPart(nn.Module Learner, Func<Tensor, List<Tensor>?, Tensor> Forward, Action<string> Save, string Description, bool StartCounts = false);
