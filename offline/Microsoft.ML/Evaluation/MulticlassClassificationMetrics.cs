namespace Microsoft.ML.Data;

/// <summary>How well a multiclass model scores a data set.</summary>
public sealed class MulticlassClassificationMetrics
{
    internal MulticlassClassificationMetrics(MulticlassCounts counts, int topK, string[] names)
    {
        var classes = counts.Confusion.Length;
        double[] rowsPerClass = [.. counts.RowsPerClass, .. counts.RowsPerUnseenClass.Values]; // nothing of an unseen class is right
        var rows = rowsPerClass.Sum();
        MicroAccuracy = counts.CorrectPerClass.Sum() / rows;
        MacroAccuracy = rowsPerClass.Select((n, c) => (Rows: n, Right: c < classes ? counts.CorrectPerClass[c] : 0)).Where(c => c.Rows > 0)
            .Select(c => c.Right / c.Rows).DefaultIfEmpty(double.NaN).Average();
        LogLoss = (counts.LogLossPerClass.Sum() + counts.LogLossOfUnseenClasses) / rows;
        var prior = -rowsPerClass.Where(n => n > 0).Sum(n => n / rows * Math.Log(n / rows));
        LogLossReduction = (prior - LogLoss) / prior;
        PerClassLogLoss = [.. counts.RowsPerClass.Zip(counts.LogLossPerClass, (n, loss) => n > 0 ? loss / n : 0)];
        TopKPredictionCount = topK;
        double seen = 0;
        TopKAccuracyForAllK = [.. Enumerable.Range(0, Math.Max(0, topK)).Select(k => (seen += k < classes ? counts.RowsOfRank[k] : 0) / rows)];
        ConfusionMatrix = new ConfusionMatrix(counts.Confusion, names);
    }

    /// <summary>Mean of -log(probability of the true class); probabilities below 1e-15 count as 1e-15.</summary>
    public double LogLoss { get; }

    /// <summary>By which fraction the log-loss is below that of predicting the classes' shares in the data.</summary>
    public double LogLossReduction { get; }

    /// <summary>Mean over the classes that occur of the share of their rows that is right.</summary>
    public double MacroAccuracy { get; }

    /// <summary>Share of all rows that is right.</summary>
    public double MicroAccuracy { get; }

    /// <summary>The last of <see cref="TopKAccuracyForAllK"/>; 0 when no top-k was asked for.</summary>
    public double TopKAccuracy => TopKAccuracyForAllK.Count > 0 ? TopKAccuracyForAllK[^1] : 0;

    public int TopKPredictionCount { get; }

    /// <summary>Share of the rows whose true class is among the best k, for k from 1 to <see cref="TopKPredictionCount"/>.</summary>
    public IReadOnlyList<double> TopKAccuracyForAllK { get; }

    /// <summary>The log-loss of each class's own rows; 0 for a class without rows.</summary>
    public IReadOnlyList<double> PerClassLogLoss { get; }

    public ConfusionMatrix ConfusionMatrix { get; }
}
