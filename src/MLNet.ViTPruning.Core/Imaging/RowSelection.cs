namespace MLNet.ViTPruning.Imaging;

/// <summary>Which rows of a data set are taken.</summary>
internal static class RowSelection
{
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 1.</exception>
    public static void Check(int? limit)
    {
        if (limit < 1) throw new ArgumentOutOfRangeException(nameof(limit), limit, "Expected at least 1, or none to take all rows.");
    }

    /// <summary>All rows from <paramref name="start"/> on, or as many as the limit says, spread evenly.</summary>
    public static int[] Evenly(int start, int count, int? limit)
    {
        var taken = Math.Min(limit ?? count, count);
        var rows = new int[taken];
        for (var i = 0; i < taken; i++) rows[i] = start + (int)((long)i * count / taken);
        return rows;
    }
}
