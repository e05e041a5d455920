namespace Microsoft.ML.Data;

/// <summary>The rows of a data view for which a predicate holds, under the same schema.</summary>
internal abstract class FilterDataView(IDataView input) : IDataView
{
    protected IDataView Input => input;

    /// <summary>Columns that the predicate reads.</summary>
    protected abstract IEnumerable<DataViewSchema.Column> PredicateColumns { get; }

    /// <summary>Made once for each cursor and called once for each of its rows, in order.</summary>
    protected abstract Func<bool> MakePredicate(DataViewRowCursor cursor);

    public virtual bool CanShuffle => input.CanShuffle;
    public DataViewSchema Schema => input.Schema;
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded as ICollection<DataViewSchema.Column> ?? [.. columnsNeeded];
        var active = ActiveColumns.Of(Schema, needed);
        var cursor = input.GetRowCursor(needed.Concat(PredicateColumns.Where(c => !active.Has(c))).ToArray(), CanShuffle ? rand : null);
        return new FilteredCursor(cursor, active, MakePredicate(cursor));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}

/// <summary>A cursor that leaves out rows.</summary>
internal sealed class FilteredCursor(DataViewRowCursor input, bool[] active, Func<bool> keep) : DataViewRowCursor
{
    private long _position = -1;

    public override long Position => _position;
    public override long Batch => input.Batch;
    public override DataViewSchema Schema => input.Schema;

    public override bool MoveNext()
    {
        while (input.MoveNext())
        {
            if (!keep()) continue;
            _position++;
            return true;
        }
        return false;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
    public override bool IsColumnActive(DataViewSchema.Column column) => active.Has(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        active.Require(column);
        return input.GetGetter<TValue>(column);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
    }
}
