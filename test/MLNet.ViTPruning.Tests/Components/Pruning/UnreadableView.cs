using Microsoft.ML;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

/// <summary>Data that has a schema and fails whoever opens a cursor on it.</summary>
internal sealed class UnreadableView(DataViewSchema schema) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        throw new InvalidOperationException("a cursor was opened");

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        throw new InvalidOperationException("cursors were opened");
}
