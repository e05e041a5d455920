namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Sorts weights by magnitude. The bits of a positive float are in the order of its value, so they are sorted as whole numbers, eleven
/// bits at a time.</summary>
/// <remarks>One instance serves one thread; its two buffers are as long as the longest tensor.</remarks>
internal sealed class MagnitudeSorter
{
    private const int LowBits = 11, HighBits = 10;
    private const uint LowMask = (1 << LowBits) - 1, HighMask = (1 << HighBits) - 1;

    private readonly int[] _low = new int[1 << LowBits], _middle = new int[1 << HighBits], _high = new int[1 << HighBits];
    private uint[] _keys = [], _spare = [];

    /// <summary>The magnitude's bits of a weight's bits.</summary>
    public static uint KeyOf(uint bits) => bits & 0x7fff_ffff;

    /// <summary>The magnitude.</summary>
    public static double ValueOf(uint key) => BitConverter.UInt32BitsToSingle(key);

    /// <summary>Magnitudes in ascending order.</summary>
    /// <param name="bits">The weights' bits.</param>
    /// <param name="sorted">The magnitudes' bits; valid until the next call.</param>
    /// <returns>Whether all weights are finite numbers; otherwise nothing was sorted.</returns>
    public bool TrySort(ReadOnlySpan<uint> bits, out ReadOnlySpan<uint> sorted)
    {
        if (_keys.Length < bits.Length) (_keys, _spare) = (GC.AllocateUninitializedArray<uint>(bits.Length), GC.AllocateUninitializedArray<uint>(bits.Length));
        Span<uint> keys = _keys.AsSpan(0, bits.Length), spare = _spare.AsSpan(0, bits.Length);
        sorted = spare;
        if (!Count(bits, keys)) return false;
        Scatter(keys, spare, _low, 0, LowMask);
        Scatter(spare, keys, _middle, LowBits, HighMask);
        Scatter(keys, spare, _high, LowBits + HighBits, HighMask);
        return true;
    }

    /// <summary>Copies the magnitudes and counts each digit's values.</summary>
    private bool Count(ReadOnlySpan<uint> bits, Span<uint> keys)
    {
        const uint infinity = 0x7f80_0000;
        var (low, middle, high) = (_low, _middle, _high);
        Array.Clear(low);
        Array.Clear(middle);
        Array.Clear(high);
        uint largest = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            uint key = KeyOf(bits[i]);
            keys[i] = key;
            largest = Math.Max(largest, key);
            low[key & LowMask]++;
            middle[key >> LowBits & HighMask]++;
            high[key >> (LowBits + HighBits)]++;
        }
        return largest < infinity;
    }

    private static void Scatter(ReadOnlySpan<uint> from, Span<uint> to, int[] counts, int shift, uint mask)
    {
        int start = 0;
        for (int digit = 0; digit < counts.Length; digit++) (counts[digit], start) = (start, start + counts[digit]);
        foreach (uint key in from) to[counts[key >> shift & mask]++] = key;
    }
}
