using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Some columns of a schema in a new order.</summary>
internal sealed class ColumnSelection : IRowToRowMapper
{
    private readonly int[] _sources;

    internal ColumnSelection(DataViewSchema inputSchema, int[] sources)
    {
        (InputSchema, _sources) = (inputSchema, sources);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(sources.Select(i => inputSchema[i]));
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }
    public DataViewSchema OutputSchema { get; }

    internal DataViewSchema.Column Source(DataViewSchema.Column column) => InputSchema[_sources[column.Index]];

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        [.. dependingColumns.Select(Source).DistinctBy(c => c.Index).OrderBy(c => c.Index)];

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new SelectedRow(input, this, ActiveColumns.Of(OutputSchema, activeColumns));
    }
}

internal sealed class SelectedRow(DataViewRow input, ColumnSelection selection, bool[] active) : DataViewRow
{
    public override long Position => input.Position;
    public override long Batch => input.Batch;
    public override DataViewSchema Schema => selection.OutputSchema;
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
    public override bool IsColumnActive(DataViewSchema.Column column) => active.Has(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        active.Require(column);
        return input.GetGetter<TValue>(selection.Source(column));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
    }
}

/// <summary>A data view of the selected columns.</summary>
internal sealed class SelectedDataView(IDataView input, ColumnSelection selection) : IDataView
{
    public bool CanShuffle => input.CanShuffle;
    public DataViewSchema Schema => selection.OutputSchema;
    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded as ICollection<DataViewSchema.Column> ?? [.. columnsNeeded];
        var active = ActiveColumns.Of(Schema, needed);
        return new Cursor(input.GetRowCursor(selection.GetDependencies(needed), rand), selection, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input, ColumnSelection selection, bool[] active) : DataViewRowCursor
    {
        private readonly SelectedRow _row = new(input, selection, active);

        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override DataViewSchema Schema => selection.OutputSchema;
        public override bool MoveNext() => input.MoveNext();
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
        public override bool IsColumnActive(DataViewSchema.Column column) => active.Has(column);
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _row.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _row.Dispose();
        }
    }
}
