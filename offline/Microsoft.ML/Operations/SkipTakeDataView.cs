namespace Microsoft.ML.Data;

/// <summary>Some consecutive rows of a data view. It cannot be shuffled: which rows they are depends on the order.</summary>
internal sealed class SkipTakeDataView(IDataView input, long skip, long take) : IDataView
{
    public bool CanShuffle => false;
    public DataViewSchema Schema => input.Schema;
    public long? GetRowCount() => input.GetRowCount() is { } count ? Math.Min(take, Math.Max(0, count - skip)) : take == 0 ? 0 : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded as ICollection<DataViewSchema.Column> ?? [.. columnsNeeded];
        return new Cursor(input.GetRowCursor(needed), ActiveColumns.Of(Schema, needed), skip, take);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor input, bool[] active, long skip, long take) : DataViewRowCursor
    {
        private long _skip = skip;
        private long _position = -1;

        public override long Position => _position;
        public override long Batch => input.Batch;
        public override DataViewSchema Schema => input.Schema;

        public override bool MoveNext()
        {
            // The source is not moved beyond the last row that is wanted.
            if (_position + 1 >= take) return false;
            for (; _skip > 0; _skip--) if (!input.MoveNext()) return false;
            if (!input.MoveNext()) return false;
            _position++;
            return true;
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
}
