namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Spearman's rank correlation.</summary>
internal static class RankCorrelation
{
    /// <param name="a">Values.</param>
    /// <param name="b">As many values.</param>
    /// <returns>The correlation of their ranks, equal values sharing the mean rank; NaN where all values of one are equal.</returns>
    public static double Spearman(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        var (x, y) = (Ranks(a), Ranks(b));
        double mean = (a.Count - 1) / 2.0;
        double covariance = 0, varianceX = 0, varianceY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            covariance += (x[i] - mean) * (y[i] - mean);
            varianceX += (x[i] - mean) * (x[i] - mean);
            varianceY += (y[i] - mean) * (y[i] - mean);
        }
        return covariance / Math.Sqrt(varianceX * varianceY);
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[order.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]];) end++;
            for (int i = start; i < end; i++) ranks[order[i]] = (start + end - 1) / 2.0;
        }
        return ranks;
    }
}
