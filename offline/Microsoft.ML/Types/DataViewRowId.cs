namespace Microsoft.ML.Data;

/// <summary>A row's identity, the same in every pass over the data and unlike that of any other row.</summary>
public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    public readonly ulong Low;
    public readonly ulong High;

    public DataViewRowId(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    /// <summary>The first of the ids that a component may hand out when one row becomes several.</summary>
    public DataViewRowId Fork() => Scramble(Low, High, 0x9E3779B97F4A7C15);

    /// <summary>The id after this one in such a series.</summary>
    public DataViewRowId Next() => Scramble(Low, High, 0xD1B54A32D192ED03);

    /// <summary>An id for a row made of two rows.</summary>
    public DataViewRowId Combine(DataViewRowId other)
    {
        var mine = Scramble(Low, High, 0x8CB92BA72F3D8DD7);
        return Scramble(mine.Low ^ other.Low, mine.High + other.High, 0xAEF17502108EF2D9);
    }

    private static DataViewRowId Scramble(ulong low, ulong high, ulong salt)
    {
        ulong a = Mix(low + salt), b = Mix(high ^ a);
        return new DataViewRowId(Mix(a ^ (b << 1)), b);
    }

    // The finalizer of a 64-bit multiplicative hash: each input bit flips half of the output bits.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    public int CompareTo(DataViewRowId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);
    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;
    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);
    public override int GetHashCode() => HashCode.Combine(Low, High);
    public override string ToString() => $"{High:x16}{Low:x16}";
}
