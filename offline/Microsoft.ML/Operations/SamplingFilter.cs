namespace Microsoft.ML.Data;

/// <summary>Keeps rows by a number in [0, 1) that each gets: of its place, or of its value in a key column.</summary>
internal sealed class SamplingFilter(IDataView input, DataViewSchema.Column? key, int seed, Func<double, bool> keep) : FilterDataView(input)
{
    // By place the order must be the same in each pass.
    public override bool CanShuffle => key != null && Input.CanShuffle;

    protected override IEnumerable<DataViewSchema.Column> PredicateColumns => key is { } column ? [column] : [];

    protected override Func<bool> MakePredicate(DataViewRowCursor cursor)
    {
        if (key is not { } column)
        {
            var random = new Random(seed);
            return () => keep(random.NextDouble());
        }
        var hash = (Func<ulong>)TypedCall.Invoke(typeof(SamplingFilter), column.Type is TextDataViewType ? nameof(TextHash) : nameof(ValueHash),
            null, column.Type is TextDataViewType ? [typeof(char)] : [column.Type.RawType], cursor, column);
        return () => keep((new DataViewRowId(hash(), (ulong)seed).Fork().Low >> 11) * (1.0 / (1UL << 53)));
    }

    public static bool CanHash(DataViewType type) =>
        type is NumberDataViewType or KeyDataViewType or TextDataViewType or BooleanDataViewType or RowIdDataViewType;

    private static Func<ulong> ValueHash<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return value switch
            {
                float f => BitConverter.SingleToUInt32Bits(f),
                double d => BitConverter.DoubleToUInt64Bits(d),
                bool b => b ? 1UL : 0,
                DataViewRowId id => id.Combine(default).Low,
                ulong u => u,
                _ => unchecked((ulong)Convert.ToInt64(value)),
            };
        };
    }

    // The same in every process, as string's own hash is not.
    private static Func<ulong> TextHash<TChar>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            ulong hash = 14695981039346656037;
            foreach (char c in value.Span) hash = (hash ^ c) * 1099511628211;
            return hash;
        };
    }
}
