namespace Microsoft.ML.Data;

/// <summary>Reads one column of a data view.</summary>
public static class ColumnCursorExtensions
{
    /// <summary>The values of the visible column of that name, read when enumerated.</summary>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        return data.GetColumn<T>(data.Schema.GetColumnOrNull(columnName) ?? throw SchemaFault.Missing("input", columnName, nameof(columnName)));
    }

    /// <summary>The values of a column: text as string too, vectors as arrays too.</summary>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!UserMembers.Holds(typeof(T), column.Type))
            throw new InvalidOperationException($"Column '{column.Name}' is {column.Type}; its values are no {typeof(T)}.");
        return Values<T>(data, column);
    }

    private static IEnumerable<T> Values<T>(IDataView data, DataViewSchema.Column column)
    {
        using var cursor = data.GetRowCursor([column]);
        var read = Reader<T>(cursor, column);
        while (cursor.MoveNext()) yield return read();
    }

    private static Func<T> Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (typeof(T) == column.Type.RawType)
        {
            var getter = row.GetGetter<T>(column);
            return () =>
            {
                T value = default; // the caller keeps it, so it is not filled again
                getter(ref value);
                return value;
            };
        }
        if (typeof(T) == typeof(string)) return (Func<T>)(object)Text(row, column);
        if (typeof(T) == typeof(string[])) return (Func<T>)(object)Texts(row, column);
        return (Func<T>)TypedCall.Invoke(typeof(ColumnCursorExtensions), nameof(Array), null, [typeof(T).GetElementType()], row, column);
    }

    private static Func<string> Text(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            return value.ToString();
        };
    }

    private static Func<string[]> Texts(DataViewRow row, DataViewSchema.Column column)
    {
        var array = Array<ReadOnlyMemory<char>>(row, column);
        return () => [.. array().Select(text => text.ToString())];
    }

    private static Func<T[]> Array<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return [.. value.DenseValues()];
        };
    }
}
