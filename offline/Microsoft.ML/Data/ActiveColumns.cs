namespace Microsoft.ML.Data;

/// <summary>Which columns of a schema a cursor delivers.</summary>
internal static class ActiveColumns
{
    public static bool[] Of(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var active = new bool[schema.Count];
        foreach (var column in columns)
        {
            if ((uint)column.Index >= (uint)active.Length)
                throw new ArgumentOutOfRangeException(
                    nameof(columns), $"Column '{column.Name}' has index {column.Index}, the schema has {active.Length} columns.");
            active[column.Index] = true;
        }
        return active;
    }

    public static bool Has(this bool[] active, DataViewSchema.Column column) => (uint)column.Index < (uint)active.Length
        ? active[column.Index]
        : throw new ArgumentOutOfRangeException(
            nameof(column), $"Column '{column.Name}' has index {column.Index}, the schema has {active.Length} columns.");

    /// <summary>Throws unless the column was asked for when the cursor was made.</summary>
    public static void Require(this bool[] active, DataViewSchema.Column column)
    {
        if (!active.Has(column))
            throw new ArgumentException($"Column '{column.Name}' is not active on this cursor: it was not among columnsNeeded.", nameof(column));
    }

    /// <summary>A getter of a column under the type that the caller expects.</summary>
    public static ValueGetter<TValue> As<TValue>(this Delegate getter, DataViewSchema.Column column) => getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException(
            $"Column '{column.Name}' is {column.Type} ({column.Type.RawType}); its getter is not one of {typeof(TValue)}.");
}
