using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>One row at a time: getters deliver the values of the row at <see cref="Position"/>.</summary>
public abstract class DataViewRow : IDisposable
{
    private bool _disposed;

    protected DataViewRow() { }

    /// <summary>-1 before the first row, then 0, 1, 2, ...</summary>
    public abstract long Position { get; }

    /// <summary>Rows of one batch number are consecutive in their source; only cursor sets have more than one.</summary>
    public abstract long Batch { get; }

    public abstract DataViewSchema Schema { get; }
    public abstract ValueGetter<DataViewRowId> GetIdGetter();
    public abstract bool IsColumnActive(DataViewSchema.Column column);
    public abstract ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column);

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }
}

/// <summary>A row that moves.</summary>
public abstract class DataViewRowCursor : DataViewRow
{
    protected DataViewRowCursor() { }

    public abstract bool MoveNext();
}
