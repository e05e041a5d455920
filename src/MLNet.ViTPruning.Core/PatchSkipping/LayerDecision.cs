using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>What a layer's scorer said about the patches of a batch, and what it should have said.</summary>
/// <param name="Layer">The layer's index.</param>
/// <param name="Input">Tokens <c>[B, N, C]</c> that came into the layer, prefix tokens first.</param>
/// <param name="Logits">Raw scores <c>[B, P]</c>; the score is their sigmoid. With gradients where they were enabled.</param>
/// <param name="Mask">1 for patches that were computed, 0 for idle ones, <c>[B, P]</c> in the type of the tokens; in a straight-through pass
/// with the gradient of the score.</param>
/// <param name="ScaledCosine">(cos + 1) / 2 between what each patch becomes idle and what it becomes in the whole layer, <c>[B, P]</c>, in [0, 1].
/// <see langword="null"/> with <see cref="SkipLabels.Importance"/>, which does not need it.</param>
/// <param name="Labels">1 where the patch is worth computing, by the configuration's labels; <c>[B, P]</c> in the type of the tokens.
/// <see langword="null"/> in a straight-through pass with <see cref="SkipLabels.Importance"/>, which does not need them.</param>
public sealed record LayerDecision(int Layer, Tensor Input, Tensor Logits, Tensor Mask, Tensor? ScaledCosine, Tensor? Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }

    internal IEnumerable<Tensor> Tensors => new[] { Input, Logits, Mask, ScaledCosine, Labels }.OfType<Tensor>();
}
