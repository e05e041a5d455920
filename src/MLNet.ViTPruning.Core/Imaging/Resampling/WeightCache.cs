using System.Collections.Concurrent;

namespace MLNet.ViTPruning.Imaging.Resampling;

/// <summary>Weight tables by size. Photographs come in few sizes, and a table costs more than a small image's resize.</summary>
/// <remarks>Bounded: it forgets everything when full, which happens only with images of ever new sizes. Safe for concurrent use.</remarks>
internal sealed class WeightCache
{
    private const int MaxTables = 256;
    private const int MaxEntriesOfACachedTable = 1 << 15;       // 128 KiB; 256 of them are 32 MiB at most

    private readonly ConcurrentDictionary<(int, long, long, int, Kernel), FixedPointWeights> _tables = new();

    public FixedPointWeights Get(int inputSize, long outputSize, long start, int length, Kernel kernel)
    {
        var key = (inputSize, outputSize, start, length, kernel);
        if (_tables.TryGetValue(key, out var known)) return known;
        var table = FixedPointWeights.Create(inputSize, outputSize, start, length, kernel);
        if (FixedPointWeights.Entries(inputSize, outputSize, length, kernel) > MaxEntriesOfACachedTable) return table;
        if (_tables.Count >= MaxTables) _tables.Clear();
        return _tables.GetOrAdd(key, table);
    }
}
