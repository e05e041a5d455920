using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    /// <summary>Objects as rows. The sequence is enumerated anew for each cursor, so it must deliver the same each time.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(data);
        return new EnumerableDataView<TRow>(data, BoundMember.Bind(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Read));
    }

    /// <summary>As above; types and annotations of the columns come from <paramref name="schema"/> where it has a column of the name.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(schema);
        return LoadFromEnumerable(data, UserSchema.Like(typeof(TRow), schema));
    }

    /// <summary>Rows as objects, with a cursor over the needed columns for each enumeration. Keys are 1-based in the objects.</summary>
    /// <param name="data">Read when the result is enumerated.</param>
    /// <param name="reuseRowObject">Whether each row is written into the same object.</param>
    /// <param name="ignoreMissingColumns">Whether members without a column keep their value; otherwise they are an error.</param>
    /// <param name="schemaDefinition">How members become columns; default: as their attributes say.</param>
    public IEnumerable<TRow> CreateEnumerable<TRow>(IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        ArgumentNullException.ThrowIfNull(data);
        var members = BoundMember.Bind(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Write);
        var bindings = ObjectFiller<TRow>.Match(members, data.Schema, ignoreMissingColumns);
        return Rows<TRow>(data, bindings, reuseRowObject);
    }

    private static IEnumerable<TRow> Rows<TRow>(IDataView data, (BoundMember Member, DataViewSchema.Column Column)[] bindings, bool reuse)
        where TRow : class, new()
    {
        using var cursor = data.GetRowCursor(bindings.Select(b => b.Column));
        var filler = new ObjectFiller<TRow>(cursor, bindings);
        var row = reuse ? new TRow() : null;
        while (cursor.MoveNext())
        {
            var target = row ?? new TRow();
            filler.Fill(target);
            yield return target;
        }
    }
}
