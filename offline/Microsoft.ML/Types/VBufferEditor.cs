namespace Microsoft.ML.Data;

/// <summary>Writes into the arrays of a <see cref="VBuffer{T}"/>, making new ones only where the old are too small.</summary>
public static class VBufferEditor
{
    /// <summary>An editor over what the vector holds now.</summary>
    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination) =>
        new(destination.Length, destination.Count, destination.ValueArray, destination.IndexArray, destination.IsDense, newValues: false, newIndices: false);

    /// <summary>An editor for a vector of <paramref name="newLogicalLength"/> slots of which <paramref name="valuesCount"/> are stored
    /// (default: all, dense).</summary>
    public static VBufferEditor<T> Create<T>(
        ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null, int? maxValuesCapacity = null,
        bool keepOldOnResize = false, bool requireIndicesOnDense = false)
    {
        if (newLogicalLength < 0) throw new ArgumentOutOfRangeException(nameof(newLogicalLength), newLogicalLength, "A length is at least 0.");
        if (valuesCount is { } given && (given < 0 || given > newLogicalLength))
            throw new ArgumentOutOfRangeException(
                nameof(valuesCount), given, $"A vector of {newLogicalLength} holds 0 to {newLogicalLength} values.");
        int count = valuesCount ?? newLogicalLength;
        int capacity = Math.Max(count, maxValuesCapacity ?? 0);
        bool dense = count == newLogicalLength;

        var values = destination.ValueArray;
        bool newValues = Grow(ref values, count, capacity, keepOldOnResize);
        var indices = destination.IndexArray;
        bool newIndices = (!dense || requireIndicesOnDense) && Grow(ref indices, count, capacity, keepOldOnResize);
        return new(newLogicalLength, count, values, indices, dense && !requireIndicesOnDense, newValues, newIndices);
    }

    private static bool Grow<T>(ref T[] array, int needed, int capacity, bool keep)
    {
        if (array != null && array.Length >= needed) return false;
        if (array == null && needed == 0) return false;
        var grown = new T[capacity];
        if (keep && array != null) array.CopyTo(grown, 0);
        array = grown;
        return true;
    }
}

/// <summary>The spans to write into; <see cref="Commit"/> gives the vector.</summary>
public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;

    public readonly Span<T> Values;

    /// <summary>Empty for a dense vector, unless indices were asked for.</summary>
    public readonly Span<int> Indices;

    internal VBufferEditor(int length, int count, T[] values, int[] indices, bool withoutIndices, bool newValues, bool newIndices)
    {
        _length = length;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, count);
        Indices = withoutIndices ? default : indices.AsSpan(0, count);
        CreatedNewValues = newValues;
        CreatedNewIndices = newIndices;
    }

    public bool CreatedNewValues { get; }
    public bool CreatedNewIndices { get; }

    public VBuffer<T> Commit() => new(_length, Values.Length, _values, _indices);

    /// <summary>Keeps the first <paramref name="physicalValuesCount"/> of the values written.</summary>
    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        if (physicalValuesCount < 0 || physicalValuesCount > Values.Length)
            throw new ArgumentOutOfRangeException(nameof(physicalValuesCount), physicalValuesCount, $"{Values.Length} values were asked for.");
        return new(_length, physicalValuesCount, _values, _indices);
    }
}
