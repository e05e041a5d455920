using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning;

/// <summary>How far a prediction is from a model's own, always in double: the divergences that matter are as small as 1e-7.</summary>
internal static class PredictionDivergence
{
    /// <summary>Log-probabilities.</summary>
    /// <param name="logits">Logits <c>[..., classes]</c>.</param>
    /// <returns>Float64 <c>[..., classes]</c>.</returns>
    public static Tensor LogProbabilities(Tensor logits) => logits.to(float64).log_softmax(-1);

    /// <summary>KL(q || p) in nats.</summary>
    /// <param name="expected">log q, <c>[..., classes]</c>.</param>
    /// <param name="actual">log p, of a shape that broadcasts with it.</param>
    /// <returns>One divergence for each prediction, <c>[...]</c>.</returns>
    public static Tensor Of(Tensor expected, Tensor actual) => (expected.exp() * (expected - actual)).sum([-1]);
}
