using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Data;

/// <summary>Goes through an <see cref="ImageRowsView"/>.</summary>
/// <remarks>The image getter disposes the image that its caller hands in and puts a new one in its place, as ML.NET's own do. Apart from
/// that, images belong to who asked for them; they outlive the cursor.</remarks>
internal sealed class ImageRowsCursor(IImageRows rows, DataViewSchema schema, bool[] active, int[]? order) : DataViewRowCursor
{
    private DecodeAhead? _ahead;
    private long _position = -1;
    private bool _ended;

    public override long Position => _position;

    public override long Batch => 0;

    public override DataViewSchema Schema => schema;

    public override bool MoveNext()
    {
        if (_ended) return false;
        if (_position + 1 >= rows.Count)
        {
            End();
            return false;
        }
        if (_position < 0 && active[0] && rows.DecodesAhead) _ahead = new DecodeAhead(rows, RowAt, rows.Count);
        _position++;
        _ahead?.MoveNext();
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => active[Check(column)];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var index = Check(column);
        if (!active[index])
            throw new ArgumentException($"Column '{column.Name}' is not active on this cursor: it was not among the columns needed.", nameof(column));
        var getter = index == 0 ? (ValueGetter<MLImage>)GetImage : rows.SideColumns[index - 1].Getter(CurrentRow);
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' is {column.Type}; its values are {column.Type.RawType}, not {typeof(TValue)}.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)CurrentRow(), 0);

    protected override void Dispose(bool disposing)
    {
        if (disposing) End();
        base.Dispose(disposing);
    }

    private void GetImage(ref MLImage image)
    {
        var row = CurrentRow();
        image?.Dispose();
        image = null!;                                  // not the disposed one, should decoding fail
        image = _ahead is null ? rows.Decode(row, null)! : _ahead.Take();
    }

    private int CurrentRow() => _position >= 0
        ? RowAt(_position)
        : throw new InvalidOperationException("The cursor stands on no row: call MoveNext first, and stop when it returns false.");

    private int RowAt(long position) => order is null ? (int)position : order[position];

    private int Check(DataViewSchema.Column column) => (uint)column.Index < (uint)active.Length
        ? column.Index
        : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is none of this data set's.");

    private void End()
    {
        (_ended, _position) = (true, -1);
        _ahead?.Dispose();
        _ahead = null;
    }
}
