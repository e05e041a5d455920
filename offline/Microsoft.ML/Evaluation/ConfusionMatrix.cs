using System.Globalization;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>How often each class was taken for each: rows are the true classes, columns the predicted ones.</summary>
public sealed class ConfusionMatrix
{
    private readonly string[] _names;

    internal ConfusionMatrix(double[][] counts, string[] names)
    {
        _names = names;
        Counts = counts;
        var classes = counts.Length;
        var (precision, recall) = (new double[classes], new double[classes]);
        for (var c = 0; c < classes; c++)
        {
            var (predicted, actual) = (counts.Sum(row => row[c]), counts[c].Sum());
            precision[c] = predicted > 0 ? counts[c][c] / predicted : 0;
            recall[c] = actual > 0 ? counts[c][c] / actual : 0;
        }
        (PerClassPrecision, PerClassRecall) = (precision, recall);
    }

    public IReadOnlyList<double> PerClassPrecision { get; }
    public IReadOnlyList<double> PerClassRecall { get; }
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }
    public int NumberOfClasses => Counts.Count;

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        CheckClass(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        CheckClass(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    /// <summary>The counts as a table of text with precision and recall.</summary>
    public string GetFormattedConfusionTable()
    {
        var rows = Enumerable.Range(0, NumberOfClasses).Select(c => _names == null ? $"{c}" : $"{c}. {_names[c]}").ToArray();
        var left = Math.Max(9, rows.Length == 0 ? 0 : rows.Max(r => r.Length));
        var cell = Math.Max(6, Counts.SelectMany(row => row).Select(n => Text(n).Length).DefaultIfEmpty().Max() + 1);
        var rule = new string('=', NumberOfClasses * (cell + 2) + 6);
        var table = new StringBuilder().AppendLine().AppendLine("Confusion table").AppendLine(new string(' ', left) + " ||" + rule);
        table.Append("PREDICTED".PadLeft(left)).Append(" ||");
        for (var c = 0; c < NumberOfClasses; c++) table.Append($"{c}".PadLeft(cell)).Append(" |");
        table.AppendLine(" Recall").AppendLine("TRUTH".PadRight(9).PadLeft(left) + " ||" + rule);
        for (var t = 0; t < NumberOfClasses; t++)
        {
            table.Append(rows[t].PadLeft(left)).Append(" ||");
            foreach (var count in Counts[t]) table.Append(Text(count).PadLeft(cell)).Append(" |");
            table.AppendLine(string.Create(CultureInfo.InvariantCulture, $" {PerClassRecall[t]:F4}"));
        }
        table.AppendLine(new string(' ', left) + " ||" + rule).Append("Precision".PadLeft(left)).Append(" ||");
        foreach (var p in PerClassPrecision) table.Append(p.ToString("F4", CultureInfo.InvariantCulture).PadLeft(cell)).Append(" |");
        return table.AppendLine().ToString();
    }

    private static string Text(double count) => count.ToString("0.##", CultureInfo.InvariantCulture);

    private void CheckClass(int index, string parameter)
    {
        if ((uint)index >= (uint)NumberOfClasses)
            throw new ArgumentOutOfRangeException(parameter, index, $"There are {NumberOfClasses} classes.");
    }
}
