using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>How alike a patch is before and after a layer.</summary>
internal static class ScaledCosine
{
    private const double LeastProduct = 1e-12; // of the two lengths

    /// <summary>(cos + 1) / 2 between tokens, without gradients.</summary>
    /// <param name="before">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="after">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="prefix">Prefix tokens, left out.</param>
    /// <returns>Similarities <c>[B, P]</c>, owned by the caller.</returns>
    public static Tensor Of(Tensor before, Tensor after, int prefix)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        long patches = before.shape[1] - prefix;
        var (a, b) = (before.detach().narrow(1, prefix, patches), after.detach().narrow(1, prefix, patches)); // [B, P, C]
        var lengths = (a.square().sum([-1L]) * b.square().sum([-1L])).sqrt().clamp_min(LeastProduct);         // [B, P]
        return ((a * b).sum([-1L]) / lengths + 1).div(2).clamp(0, 1).MoveToOuterDisposeScope();               // [B, P]
    }

    /// <summary>A mask of patches as one of tokens, prefix tokens kept.</summary>
    /// <param name="mask">Mask <c>[B, P]</c>.</param>
    /// <param name="prefix">Prefix tokens.</param>
    /// <returns>Mask <c>[B, N, 1]</c> of the same type.</returns>
    public static Tensor WithPrefix(Tensor mask, int prefix) =>
        cat([ones(mask.shape[0], prefix, dtype: mask.dtype, device: mask.device), mask], 1).unsqueeze(-1); // [B, N, 1]
}
