namespace MLNet.ViTPruning.Components;

/// <summary>Divides images into those to learn from and those to validate with.</summary>
internal static class HoldOut
{
    /// <summary>Draws the same share of each class, as near as whole images allow; a class keeps at least one to learn from.</summary>
    /// <param name="labels">The class of each image.</param>
    /// <param name="fraction">Share to hold out, in (0, 1).</param>
    /// <param name="seed">Same seed, same images.</param>
    /// <returns>Both parts in the order of the data.</returns>
    public static (int[] Train, int[] Validation) Draw(IReadOnlyList<int> labels, double fraction, int seed)
    {
        var random = new Random(seed);
        var heldOut = new bool[labels.Count];
        double owed = random.NextDouble();    // rounds at random, and what one class rounds away the next one gets
        foreach (var images in Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).OrderBy(c => c.Key))
        {
            var shuffled = images.ToArray();
            random.Shuffle(shuffled);
            owed += fraction * shuffled.Length;
            int take = Math.Min((int)owed, shuffled.Length - 1);
            owed -= take;
            foreach (int image in shuffled.AsSpan(0, take)) heldOut[image] = true;
        }
        return ([.. Enumerable.Range(0, labels.Count).Where(i => !heldOut[i])], [.. Enumerable.Range(0, labels.Count).Where(i => heldOut[i])]);
    }
}
