namespace MLNet.ViTPruning.Components;

/// <summary>Draws rows so that every class gives equally many, as far as it has them.</summary>
internal static class ClassBalancedDraw
{
    /// <param name="classes">The class of each row.</param>
    /// <param name="count">Rows to draw; all where there are fewer.</param>
    /// <param name="seed">Same seed, same rows.</param>
    /// <returns>Row positions from 0, in the order of the draw: the first ones are the draw of fewer rows.</returns>
    public static IReadOnlyList<long> Choose(IReadOnlyList<ulong> classes, int count, int seed)
    {
        var random = new Random(seed);
        var queues = new SortedDictionary<ulong, List<long>>();
        for (int row = 0; row < classes.Count; row++)
        {
            if (!queues.TryGetValue(classes[row], out var rows)) queues[classes[row]] = rows = [];
            rows.Add(row);
        }
        var order = queues.Values.ToArray();
        random.Shuffle(order);    // which classes give one more where count is no multiple of their number
        foreach (var rows in order)
        {
            var shuffled = rows.ToArray();
            random.Shuffle(shuffled);
            rows.Clear();
            rows.AddRange(shuffled);
        }

        var chosen = new List<long>();
        for (int round = 0; chosen.Count < Math.Min(count, classes.Count); round++)
            foreach (var rows in order)
                if (round < rows.Count && chosen.Count < count) chosen.Add(rows[round]);
        return chosen;
    }
}
