namespace Microsoft.ML.Data;

internal sealed class CacheDataView(IDataView input) : IDataView
{
    public bool CanShuffle => input.CanShuffle;
    public DataViewSchema Schema => input.Schema;
    public long? GetRowCount() => input.GetRowCount();
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) => input.GetRowCursor(columnsNeeded, rand);
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) => input.GetRowCursorSet(columnsNeeded, n, rand);
}
