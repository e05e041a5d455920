namespace Microsoft.ML.Data;

/// <summary>A data view behind a mapper. Making it costs nothing.</summary>
internal sealed class MappedDataView(IDataView input, RowMapper mapper) : IDataView
{
    public bool CanShuffle => input.CanShuffle;
    public DataViewSchema Schema => mapper.OutputSchema;
    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded as ICollection<DataViewSchema.Column> ?? [.. columnsNeeded];
        var active = ActiveColumns.Of(Schema, needed);
        return new Cursor(input.GetRowCursor(mapper.GetDependencies(needed), rand), mapper, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input, RowMapper mapper, bool[] active) : DataViewRowCursor
    {
        private readonly MappedGetters _getters = new(input, mapper, active);

        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override DataViewSchema Schema => mapper.OutputSchema;
        public override bool MoveNext() => input.MoveNext();
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
        public override bool IsColumnActive(DataViewSchema.Column column) => active.Has(column);
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (!disposing) return;
            _getters.Dispose();
            input.Dispose();
        }
    }
}
