using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>A forward pass whose decisions have gradients.</summary>
/// <param name="Logits">Logits <c>[B, numClasses]</c>.</param>
/// <param name="Decisions">One entry for each of the configuration's layers.</param>
public sealed record StraightThroughResult(Tensor Logits, IReadOnlyList<LayerDecision> Decisions) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Logits.Dispose();
        foreach (var decision in Decisions) decision.Dispose();
    }
}
