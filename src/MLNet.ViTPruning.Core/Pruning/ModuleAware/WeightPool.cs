namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>The weights of one tensor that go: all smaller ones, and of those as large as a bound the first few.</summary>
/// <param name="Weight">The tensor.</param>
/// <param name="Removed">How many go.</param>
/// <param name="Bound">The bound, a magnitude's bits.</param>
/// <param name="OfBound">How many as large as the bound go.</param>
internal sealed record WeightCut(PrunableWeight Weight, int Removed, uint Bound, int OfBound)
{
    /// <summary>Says of each weight whether it stays.</summary>
    /// <param name="bits">The weights' bits.</param>
    /// <param name="kept">Receives 1 for a weight that stays, else 0.</param>
    public void Mark(ReadOnlySpan<uint> bits, Span<byte> kept)
    {
        int left = OfBound;
        for (int i = 0; i < kept.Length; i++)
        {
            uint key = MagnitudeSorter.KeyOf(bits[i]);
            bool goes = key < Bound || (key == Bound && left-- > 0);
            kept[i] = goes ? (byte)0 : (byte)1;
        }
    }
}

/// <summary>What goes of a pool.</summary>
/// <param name="Cuts">One for each tensor, in order.</param>
/// <param name="Threshold">The highest score that goes, or null where nothing does.</param>
internal sealed record PoolCut(IReadOnlyList<WeightCut> Cuts, double? Threshold);

/// <summary>Tensors whose weights are ranked together.</summary>
/// <remarks>The k-th score of the pool is found without a list of all scores: bisection over the numbers that a score can be, with a search in each
/// tensor's profile, leaves a few hundred weights of each tensor, which are then ranked one by one.</remarks>
/// <param name="tensors">The tensors' scores, in the order of the layers.</param>
/// <param name="threads">How many threads may work.</param>
internal sealed class WeightPool(IReadOnlyList<ScoreProfile> tensors, int threads)
{
    /// <summary>Number of weights.</summary>
    public long Count { get; } = tensors.Sum(tensor => (long)tensor.Weight.Count);

    /// <summary>Chooses the weights with the lowest scores; of equal scores those of earlier layers, then those with lower indices, go.</summary>
    /// <param name="removed">How many go, less than <see cref="Count"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public PoolCut Cut(long removed, CancellationToken cancellationToken = default)
    {
        if (removed == 0) return new PoolCut([.. tensors.Select(tensor => new WeightCut(tensor.Weight, 0, 0, 0))], null);
        double above = Largest(score => tensors.Sum(tensor => (long)tensor.Most(score)) < removed) ?? -1;
        double upTo = Largest(score => tensors.Sum(tensor => (long)tensor.Least(score)) < removed) is { } last ? Math.BitIncrement(last) : 0;
        var ranges = new ScoreRange[tensors.Count];
        Parallelism.ForEach(Enumerable.Range(0, ranges.Length), threads, cancellationToken, i => ranges[i] = tensors[i].Between(above, upTo));
        double[] scores = [.. ranges.SelectMany(range => range.Scores)];
        Array.Sort(scores);
        double threshold = scores[removed - ranges.Sum(range => (long)range.First) - 1];

        int[] counts = [.. ranges.Select(range => range.First + Below(range.Scores, threshold))];
        long left = removed - counts.Sum(count => (long)count);
        var cuts = new WeightCut[ranges.Length];
        for (int i = 0; i < ranges.Length; i++)
        {
            int equals = (int)Math.Min(left, Below(ranges[i].Scores, Math.BitIncrement(threshold)) - Below(ranges[i].Scores, threshold));
            left -= equals;
            cuts[i] = CutAt(tensors[i].Weight, ranges[i], counts[i] + equals);
        }
        return new PoolCut(cuts, threshold);
    }

    private static WeightCut CutAt(PrunableWeight weight, ScoreRange range, int removed)
    {
        int inRange = removed - range.First;
        if (inRange == 0) return new WeightCut(weight, removed, range.Keys.Length == 0 ? 0 : range.Keys[0], 0);
        uint bound = range.Keys[inRange - 1];
        int smaller = Array.IndexOf(range.Keys, bound);
        return new WeightCut(weight, removed, bound, inRange - smaller);
    }

    /// <summary>The largest number of at least 0 for which something holds that holds for all smaller ones, or null where it holds for none.</summary>
    private static double? Largest(Func<double, bool> holds)
    {
        long low = 0, high = BitConverter.DoubleToInt64Bits(double.MaxValue);    // non-negative numbers are in the order of their bits
        if (!holds(0)) return null;
        while (low < high)
        {
            long middle = low + (high - low + 1) / 2;
            if (holds(BitConverter.Int64BitsToDouble(middle))) low = middle;
            else high = middle - 1;
        }
        return BitConverter.Int64BitsToDouble(low);
    }

    /// <summary>How many of some ascending numbers are below a bound.</summary>
    private static int Below(double[] ascending, double bound)
    {
        int low = 0, high = ascending.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ascending[middle] < bound) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
