namespace Microsoft.ML;

/// <summary>Rows under a schema, read by cursors and never changed. Nothing is computed until a cursor asks.</summary>
public interface IDataView
{
    /// <summary>Whether a cursor given a <see cref="Random"/> delivers the rows in another order.</summary>
    bool CanShuffle { get; }

    DataViewSchema Schema { get; }

    /// <summary>The number of rows, or null where it is not known without reading.</summary>
    long? GetRowCount();

    /// <summary>A cursor on which only <paramref name="columnsNeeded"/> can be read.</summary>
    DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null);

    /// <summary>Cursors that together deliver each row once; at most about <paramref name="n"/> of them.</summary>
    DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null);
}

/// <summary>Writes the value of the present row into <paramref name="value"/>, using again what is there.</summary>
public delegate void ValueGetter<TValue>(ref TValue value);
