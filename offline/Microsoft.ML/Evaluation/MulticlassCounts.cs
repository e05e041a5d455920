namespace Microsoft.ML.Data;

/// <summary>The sums from which multiclass metrics come, filled in one pass.</summary>
internal sealed class MulticlassCounts(int classes)
{
    private const double SmallestProbability = 1e-15;

    // By true class, for those that have a score.
    internal double[] RowsPerClass { get; } = new double[classes];
    internal double[] CorrectPerClass { get; } = new double[classes];
    internal double[] LogLossPerClass { get; } = new double[classes];

    /// <summary>Rows of the classes that the model never saw and gives no score to.</summary>
    internal Dictionary<int, double> RowsPerUnseenClass { get; } = [];
    internal double LogLossOfUnseenClasses { get; private set; }

    /// <summary>How many rows have their true class at each place of the ranking, best first.</summary>
    internal double[] RowsOfRank { get; } = new double[classes];

    /// <summary>[true class][predicted class].</summary>
    internal double[][] Confusion { get; } = [.. Enumerable.Range(0, classes).Select(_ => new double[classes])];

    /// <param name="label">The true class, 0-based.</param>
    /// <param name="scores">A probability for each class. A row with a NaN is left out.</param>
    internal void Add(int label, ReadOnlySpan<float> scores)
    {
        foreach (var score in scores)
            if (float.IsNaN(score)) return;
        if (label >= scores.Length)
        {
            RowsPerUnseenClass[label] = RowsPerUnseenClass.GetValueOrDefault(label) + 1;
            LogLossOfUnseenClasses -= Math.Log(SmallestProbability);
            return;
        }
        RowsPerClass[label]++;
        int best = 0, rank = 0;
        for (var c = 0; c < scores.Length; c++)
        {
            if (scores[c] > scores[best]) best = c;
            if (scores[c] > scores[label] || (scores[c] == scores[label] && c < label)) rank++; // of equal scores the first class wins
        }
        RowsOfRank[rank]++;
        Confusion[label][best]++;
        if (best == label) CorrectPerClass[label]++;
        LogLossPerClass[label] -= Math.Log(Math.Clamp(scores[label], SmallestProbability, 1));
    }
}
