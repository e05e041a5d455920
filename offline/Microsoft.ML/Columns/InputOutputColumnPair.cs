namespace Microsoft.ML;

/// <summary>An output column and the input column that it is made from.</summary>
public sealed class InputOutputColumnPair
{
    public InputOutputColumnPair(string outputColumnName, string inputColumnName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName ?? outputColumnName;
    }

    public string InputColumnName { get; }
    public string OutputColumnName { get; }

    internal static (string outputColumnName, string inputColumnName)[] Convert(InputOutputColumnPair[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length == 0) throw new ArgumentException("No columns were given.", nameof(columns));
        return [.. columns.Select(c => (c.OutputColumnName, c.InputColumnName))];
    }
}
