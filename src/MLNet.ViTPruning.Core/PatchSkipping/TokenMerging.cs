using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>Joins the most similar tokens of a sequence, each pair to its mean weighed by how many patches the two stand for.</summary>
/// <remarks>Source: Bolya et al., "Token Merging: Your ViT But Faster" (arXiv:2210.09461), section 3, written from the paper: tokens are dealt
/// alternately into two sets, each of the first finds its most similar one in the second by the cosine of the keys (mean over the heads), and the r
/// best pairs are joined. Differs: the tokens stay in order, and any number of prefix tokens is neither joined nor joined into.</remarks>
internal static class TokenMerging
{
    /// <summary>Tokens that can be joined at most: all unprotected ones of the first set, as long as the second has an unprotected one.</summary>
    /// <param name="tokens">Tokens N.</param>
    /// <param name="prefix">Prefix tokens, protected.</param>
    public static long Most(long tokens, int prefix) =>
        tokens / 2 - prefix / 2 <= 0 ? 0 : (tokens + 1) / 2 - (prefix + 1) / 2;

    /// <summary>Joins r tokens into others.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>; not changed.</param>
    /// <param name="sizes">How many patches each stands for, <c>[B, N, 1]</c>.</param>
    /// <param name="metric">What similarity is measured on, <c>[B, N, D]</c>.</param>
    /// <param name="r">How many, at most <see cref="Most"/>.</param>
    /// <param name="prefix">Prefix tokens, protected.</param>
    /// <returns>Tokens <c>[B, N - r, C]</c> in their order, and their sizes <c>[B, N - r, 1]</c>; owned by the caller.</returns>
    public static (Tensor Tokens, Tensor Sizes) Merge(Tensor x, Tensor sizes, Tensor metric, long r, int prefix)
    {
        using var scope = NewDisposeScope();
        long b = x.shape[0], n = x.shape[1], c = x.shape[2];
        var (from, into) = Pairs(metric.detach(), r, prefix);                                             // [B, r] each
        var weighted = x * sizes;                                                                         // [B, N, C]
        var fromRows = from.unsqueeze(-1);                                                                // [B, r, 1]
        var intoRows = into.unsqueeze(-1);                                                                // [B, r, 1]
        weighted = weighted.scatter_add(1, intoRows.expand(b, r, c), weighted.gather(1, fromRows.expand(b, r, c)));
        var sums = sizes.scatter_add(1, intoRows, sizes.gather(1, fromRows));                             // [B, N, 1]
        var gone = zeros([b, n], dtype: ScalarType.Int64, device: x.device).scatter(1, from, ones_like(from)); // [B, N]
        var kept = gone.sort(1, stable: true).Item2.narrow(1, 0, n - r).unsqueeze(-1);                    // [B, N - r, 1], ascending
        var keptSizes = sums.gather(1, kept);                                                             // [B, N - r, 1]
        var tokens = weighted.gather(1, kept.expand(b, n - r, c)) / keptSizes;                            // [B, N - r, C]
        return (tokens.MoveToOuterDisposeScope(), keptSizes.MoveToOuterDisposeScope());
    }

    /// <summary>The r best pairs: positions of the tokens that go, and of those that they go into.</summary>
    private static (Tensor From, Tensor Into) Pairs(Tensor metric, long r, int prefix)
    {
        using var noGrad = no_grad();
        long n = metric.shape[1], first = (n + 1) / 2, second = n / 2, protectedFirst = (prefix + 1) / 2, protectedSecond = prefix / 2;
        var unit = metric / metric.norm(-1, keepdim: true).clamp_min(1e-12);                              // [B, N, D]
        var a = unit.index_select(1, arange(0, n, 2, dtype: ScalarType.Int64, device: metric.device)).narrow(1, protectedFirst, first - protectedFirst);
        var other = unit.index_select(1, arange(1, n, 2, dtype: ScalarType.Int64, device: metric.device)).narrow(1, protectedSecond, second - protectedSecond);
        var (best, partner) = a.bmm(other.transpose(1, 2)).max(-1);                                       // [B, first] each
        var chosen = best.sort(1, descending: true, stable: true).Item2.narrow(1, 0, r);                  // [B, r]
        var from = (chosen + protectedFirst) * 2;
        var into = (partner.gather(1, chosen) + protectedSecond) * 2 + 1;
        return (from, into);
    }
}
