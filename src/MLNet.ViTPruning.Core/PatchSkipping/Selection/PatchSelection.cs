using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Selection;

/// <summary>The patches that a layer computes.</summary>
internal sealed class PatchSelection
{
    private readonly Tensor? _mask, _indices;
    private readonly long _patches;

    private PatchSelection(KeptTokens kept, Tensor? mask, Tensor? indices, long patches, Tensor? scores) =>
        (Kept, _mask, _indices, _patches, Scores) = (kept, mask, indices, patches, scores);

    /// <summary>The tokens to compute.</summary>
    public KeptTokens Kept { get; }

    /// <summary>The raw scores <c>[B, P]</c> behind the selection, or null.</summary>
    public Tensor? Scores { get; }

    /// <summary>Whether each patch is computed, bool <c>[B, P]</c>.</summary>
    public Tensor Mask() => _mask ?? zeros([_indices!.shape[0], _patches], dtype: ScalarType.Bool, device: _indices.device)
        .scatter(1, _indices, ones(_indices.shape, dtype: ScalarType.Bool, device: _indices.device));

    /// <summary>Patches above a threshold.</summary>
    /// <param name="scores">Raw scores <c>[B, P]</c>.</param>
    /// <param name="threshold">Raw threshold; minus infinity keeps all.</param>
    /// <param name="prefix">Tokens before the patches.</param>
    public static PatchSelection Above(Tensor scores, double threshold, int prefix)
    {
        var mask = double.IsNegativeInfinity(threshold) ? ones_like(scores, dtype: ScalarType.Bool) : scores.gt(threshold); // [B, P]
        return new PatchSelection(KeptTokens.OfMask(mask, prefix), mask, null, scores.shape[1], scores);
    }

    /// <summary>The patches of the highest scores; of equal ones the first.</summary>
    /// <param name="scores">Scores <c>[B, P]</c>.</param>
    /// <param name="count">How many.</param>
    /// <param name="prefix">Tokens before the patches.</param>
    public static PatchSelection Highest(Tensor scores, int count, int prefix)
    {
        var order = scores.sort(1, descending: true, stable: true).Item2;                                // [B, P]
        return Given(order.narrow(1, 0, count), scores.shape[1], prefix, scores);
    }

    /// <summary>Patches by their indices.</summary>
    /// <param name="indices">Equally many of each image, int64 <c>[B, k]</c>.</param>
    /// <param name="patches">Patches P of an image.</param>
    /// <param name="prefix">Tokens before the patches.</param>
    /// <param name="scores">Scores behind it, or null.</param>
    public static PatchSelection Given(Tensor indices, long patches, int prefix, Tensor? scores = null) =>
        new(KeptTokens.OfIndices(indices, patches, prefix), null, indices, patches, scores);
}
