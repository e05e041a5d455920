namespace Microsoft.ML.Data;

/// <summary>Fills objects with the values of a row: keys as they are (from 1, 0 missing), text as strings, vectors as arrays.</summary>
/// <remarks>Used by CreateEnumerable, PredictionEngine's output and the input of custom mappings.</remarks>
internal sealed class ObjectFiller<TRow>
    where TRow : class
{
    private readonly Action<TRow>[] _setters;

    public ObjectFiller(DataViewRow row, IEnumerable<(BoundMember Member, DataViewSchema.Column Column)> bindings) =>
        _setters = [.. bindings.Select(b => Setter(row, b.Member, b.Column))];

    public void Fill(TRow target)
    {
        foreach (var set in _setters) set(target);
    }

    /// <summary>The columns of <paramref name="schema"/> for the members; those that are missing throw or are left out.</summary>
    public static (BoundMember Member, DataViewSchema.Column Column)[] Match(BoundMember[] members, DataViewSchema schema, bool ignoreMissingColumns)
    {
        var result = new List<(BoundMember, DataViewSchema.Column)>();
        foreach (var member in members)
        {
            if (schema.GetColumnOrNull(member.ColumnName) is { } column)
            {
                if (!UserMembers.Holds(member.MemberType, column.Type))
                    throw new InvalidOperationException(
                        $"Can't bind the IDataView column '{column.Name}' of type '{column.Type}' to field or property '{member.Member.Name}' of type '{member.MemberType}'.");
                result.Add((member, column));
            }
            else if (!ignoreMissingColumns)
            {
                throw new ArgumentOutOfRangeException(nameof(schema),
                    $"Column '{member.ColumnName}' not found in the data view; the columns are {string.Join(", ", schema.Where(c => !c.IsHidden).Select(c => $"'{c.Name}'"))}.");
            }
        }
        return [.. result];
    }

    private static Action<TRow> Setter(DataViewRow row, BoundMember member, DataViewSchema.Column column)
    {
        var type = member.MemberType;
        if (type == typeof(string)) return Text(row, member, column);
        if (type == typeof(string[])) return Texts(row, member, column);
        var (name, argument) = type.IsArray ? (nameof(Array), type.GetElementType()) : (nameof(Same), type);
        return (Action<TRow>)TypedCall.Invoke(typeof(ObjectFiller<TRow>), name, null, [argument], row, member, column);
    }

    private static Action<TRow> Text(DataViewRow row, BoundMember member, DataViewSchema.Column column)
    {
        var (getter, write) = (row.GetGetter<ReadOnlyMemory<char>>(column), MemberAccess<TRow, string>.Writer(member.Member));
        ReadOnlyMemory<char> value = default;
        return target =>
        {
            getter(ref value);
            write(target, value.ToString());
        };
    }

    private static Action<TRow> Texts(DataViewRow row, BoundMember member, DataViewSchema.Column column)
    {
        var (getter, write) = (row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column), MemberAccess<TRow, string[]>.Writer(member.Member));
        VBuffer<ReadOnlyMemory<char>> value = default;
        return target =>
        {
            getter(ref value);
            write(target, [.. value.DenseValues().Select(text => text.ToString())]);
        };
    }

    // The object's own array is filled again where its length fits: fresh objects get fresh arrays, a reused one keeps its own.
    private static Action<TRow> Array<T>(DataViewRow row, BoundMember member, DataViewSchema.Column column)
    {
        var (getter, read, write) = (row.GetGetter<VBuffer<T>>(column), MemberAccess<TRow, T[]>.Reader(member.Member), MemberAccess<TRow, T[]>.Writer(member.Member));
        VBuffer<T> value = default;
        return target =>
        {
            getter(ref value);
            var array = read(target);
            if (array == null || array.Length != value.Length) array = new T[value.Length];
            value.CopyTo(array);
            write(target, array);
        };
    }

    private static Action<TRow> Same<T>(DataViewRow row, BoundMember member, DataViewSchema.Column column)
    {
        var (getter, read, write) = (row.GetGetter<T>(column), MemberAccess<TRow, T>.Reader(member.Member), MemberAccess<TRow, T>.Writer(member.Member));
        return target =>
        {
            var value = read(target);
            getter(ref value);
            write(target, value);
        };
    }
}
