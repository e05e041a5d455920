using System.Text;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Compares a file's tensors with a model's and says everything that does not fit in one message.</summary>
internal static class StateDictFaults
{
    private const int MaxLines = 20;

    /// <summary>What is missing, left over or of another shape, one line each.</summary>
    /// <param name="expected">The model's names and shapes.</param>
    /// <param name="given">The file's names and shapes.</param>
    /// <param name="except">Names that need not fit.</param>
    public static IEnumerable<string> Compare(IReadOnlyDictionary<string, long[]> expected,
        IReadOnlyDictionary<string, IReadOnlyList<long>> given, Func<string, bool> except)
    {
        foreach (var (name, shape) in expected.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            if (except(name)) continue;
            if (!given.TryGetValue(name, out var found)) yield return $"{name}: missing, expected {ShapeMath.Format(shape)}";
            else if (!found.SequenceEqual(shape)) yield return $"{name}: got {ShapeMath.Format(found)}, expected {ShapeMath.Format(shape)}";
        }
        foreach (string name in given.Keys.Where(n => !expected.ContainsKey(n) && !except(n)).Order(StringComparer.Ordinal))
            yield return $"{name}: left over, the model has no such tensor ({ShapeMath.Format(given[name])})";
    }

    /// <exception cref="InvalidDataException">There is a fault.</exception>
    public static void ThrowIfAny(IReadOnlyCollection<string> faults, string model, string? hint = null)
    {
        if (faults.Count == 0) return;
        var message = new StringBuilder($"The file's tensors do not fit {model}:");
        foreach (string fault in faults.Take(MaxLines)) message.Append("\n  ").Append(fault);
        if (faults.Count > MaxLines) message.Append($"\n  and {faults.Count - MaxLines} more");
        if (hint is not null) message.Append('\n').Append(hint);
        throw new InvalidDataException(message.ToString());
    }
}
