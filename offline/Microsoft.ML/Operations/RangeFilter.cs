using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>Keeps rows by the value of one number or key column.</summary>
internal sealed class RangeFilter(IDataView input, DataViewSchema.Column column, Func<double, bool> keep) : FilterDataView(input)
{
    protected override IEnumerable<DataViewSchema.Column> PredicateColumns => [column];

    protected override Func<bool> MakePredicate(DataViewRowCursor cursor)
    {
        var read = NumberReader.Create(cursor, column);
        return () => keep(read());
    }
}

/// <summary>Keeps rows without missing values.</summary>
internal sealed class MissingValuesFilter : FilterDataView
{
    private readonly DataViewSchema.Column[] _columns;

    public MissingValuesFilter(IDataView input, DataViewSchema.Column[] columns) : base(input)
    {
        foreach (var column in columns)
        {
            var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
            if (item is not (KeyDataViewType or NumberDataViewType) || (item is NumberDataViewType && item.RawType != typeof(float) && item.RawType != typeof(double)))
                throw SchemaFault.Mismatch(
                    "filter", column.Name, "a type that has missing values (Single, Double, Key or vectors of them)", column.Type.ToString(), nameof(columns));
        }
        _columns = columns;
    }

    protected override IEnumerable<DataViewSchema.Column> PredicateColumns => _columns;

    protected override Func<bool> MakePredicate(DataViewRowCursor cursor)
    {
        var complete = _columns.Select(column => Complete(cursor, column)).ToArray();
        return () => complete.All(c => c());
    }

    private static Func<bool> Complete(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType { ItemType: var item })
            return (Func<bool>)TypedCall.Invoke(typeof(MissingValuesFilter), nameof(Vector), null, [item.RawType], row, column, item is KeyDataViewType);
        var read = NumberReader.Create(row, column);
        bool isKey = column.Type is KeyDataViewType;
        return () => !IsMissing(read(), isKey);
    }

    private static Func<bool> Vector<T>(DataViewRow row, DataViewSchema.Column column, bool isKey)
        where T : INumberBase<T>
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            if (isKey && !value.IsDense) return false;
            foreach (var v in value.GetValues()) if (IsMissing(double.CreateTruncating(v), isKey)) return false;
            return true;
        };
    }

    private static bool IsMissing(double value, bool isKey) => isKey ? value == 0 : double.IsNaN(value);
}

/// <summary>Reads any number or key column as a double.</summary>
internal static class NumberReader
{
    public static Func<double> Create(DataViewRow row, DataViewSchema.Column column) =>
        (Func<double>)TypedCall.Invoke(typeof(NumberReader), nameof(Typed), null, [column.Type.RawType], row, column);

    private static Func<double> Typed<T>(DataViewRow row, DataViewSchema.Column column)
        where T : INumberBase<T>
    {
        var getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return double.CreateTruncating(value);
        };
    }
}
