namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Divides a batch into groups of consecutive images for attention, so that calls and padding together cost least.</summary>
internal static class KeptGroups
{
    private const int CountStep = 8; // libraries prepare a kernel for each number of queries

    /// <summary>Every image by itself.</summary>
    /// <param name="kept">The tokens.</param>
    public static KeptGroup[] Each(KeptTokens kept) => Cut(kept, Enumerable.Repeat(1, kept.Counts.Length));

    /// <summary>All images in one group.</summary>
    /// <param name="kept">The tokens.</param>
    public static KeptGroup[] Together(KeptTokens kept) => Cut(kept, [kept.Counts.Length]);

    /// <summary>The cheapest division.</summary>
    /// <param name="kept">The tokens.</param>
    /// <param name="work">Multiply-adds of attention for an image of so many kept tokens.</param>
    /// <param name="callWork">Multiply-adds that take as long as what a group costs beside its own.</param>
    public static KeptGroup[] Cheapest(KeptTokens kept, Func<long, long> work, long callWork)
    {
        int images = kept.Counts.Length;
        var cost = new long[images + 1];    // of the images before
        var size = new int[images + 1];     // of the group that ends there
        for (int end = 1; end <= images; end++)
        {
            cost[end] = long.MaxValue;
            int most = 0;
            for (int first = end - 1; first >= 0; first--)
            {
                most = Math.Max(most, kept.Counts[first]);
                long total = cost[first] + callWork + (end - first) * work(Padded(kept, first, end - first, most));
                if (total < cost[end]) (cost[end], size[end]) = (total, end - first);
            }
        }
        var sizes = new Stack<int>();
        for (int end = images; end > 0; end -= size[end]) sizes.Push(size[end]);
        return Cut(kept, sizes);
    }

    private static KeptGroup[] Cut(KeptTokens kept, IEnumerable<int> sizes)
    {
        var groups = new List<KeptGroup>();
        int image = 0;
        long row = 0;
        foreach (int size in sizes)
        {
            groups.Add(new KeptGroup(kept, image, size, row, Padded(kept, image, size, kept.Counts[image..(image + size)].Max())));
            for (int end = image + size; image < end; image++) row += kept.Counts[image];
        }
        return [.. groups];
    }

    /// <summary>Tokens that each image of a group has: the largest count, rounded where counts vary from batch to batch and padding is there anyway.</summary>
    private static long Padded(KeptTokens kept, int image, int images, long most) => images == 1 || !kept.CountsVary
        ? most : Math.Min(kept.Tokens, (most + CountStep - 1) / CountStep * CountStep);
}
