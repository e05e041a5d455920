namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>All groups of one kind, those of all blocks in one ranking: one threshold decides how many each block keeps.</summary>
internal sealed class PoolRanking
{
    private readonly int[] _sizes;      // groups of each block
    private readonly int[] _lowestFirst;    // the block of each group

    /// <param name="scores">Scores of each block's groups; none where it has no such groups.</param>
    public PoolRanking(IReadOnlyList<double[]> scores)
    {
        _sizes = [.. scores.Select(block => block.Length)];
        _lowestFirst = [.. scores.SelectMany((block, b) => block.Select(score => (score, b))).OrderBy(group => group.score).ThenBy(group => group.b).Select(group => group.b)];
    }

    /// <summary>Groups that each block keeps, at least one where it has any.</summary>
    /// <param name="keepRatio">Share of all groups that stay. Of equal scores an earlier block's goes first.</param>
    public int[] Kept(double keepRatio)
    {
        // The share of 3 in 10 shall be 3, whatever 0.3 is in binary.
        int removed = _lowestFirst.Length - (int)Math.Ceiling(keepRatio * _lowestFirst.Length - 1e-9);
        int[] kept = [.. _sizes];
        foreach (int block in _lowestFirst.AsSpan(0, removed)) kept[block]--;
        return [.. kept.Zip(_sizes, (count, size) => Math.Max(count, Math.Min(size, 1)))];
    }
}
