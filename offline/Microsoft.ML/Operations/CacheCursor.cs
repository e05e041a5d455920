namespace Microsoft.ML.Data;

/// <summary>Reads kept columns from memory and the others from a cursor of the source that moves along.</summary>
internal sealed class CacheCursor(CacheDataView cache, bool[] active, DataViewRowCursor passed, Random rand) : DataViewRowCursor
{
    private readonly Delegate[] _getters = new Delegate[active.Length];
    private int _count = -1;
    private int[] _order;
    private long _position = -1;

    public override long Position => _position;
    public override long Batch => 0;
    public override DataViewSchema Schema => cache.Schema;

    public override bool MoveNext()
    {
        Prepare();
        if (_position + 1 >= _count)
        {
            _position = _count;
            return false;
        }
        if (passed != null && !passed.MoveNext())
            throw new InvalidOperationException($"The source delivered {_count} rows in an earlier pass and fewer now.");
        _position++;
        return true;
    }

    // Nothing is read before the first move.
    private void Prepare()
    {
        if (_count >= 0) return;
        _count = cache.Fill(active);
        if (rand == null) return;
        _order = [.. System.Linq.Enumerable.Range(0, _count)];
        rand.Shuffle(_order);
    }

    private int Slot()
    {
        if (_position < 0 || _position >= _count) throw new InvalidOperationException("The cursor stands on no row: call MoveNext first.");
        return _order == null ? (int)_position : _order[_position];
    }

    public override ValueGetter<DataViewRowId> GetIdGetter()
    {
        ValueGetter<DataViewRowId> kept = null;
        return (ref DataViewRowId id) =>
        {
            kept ??= (ValueGetter<DataViewRowId>)(cache.Ids
                ?? throw new InvalidOperationException("The cursor stands on no row: call MoveNext first.")).MakeGetter(Slot);
            kept(ref id);
        };
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Has(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        active.Require(column);
        if (column.Type is not (PrimitiveDataViewType or VectorDataViewType)) return passed.GetGetter<TValue>(Schema[column.Index]);
        return (_getters[column.Index] ??= TypedGetter(column)).As<TValue>(column);
    }

    // The buffer exists only after the first move, getters are made before it.
    private Delegate TypedGetter(DataViewSchema.Column column) =>
        (Delegate)TypedCall.Invoke(typeof(CacheCursor), nameof(Late), this, [column.Type.RawType], column.Index);

    private ValueGetter<T> Late<T>(int column)
    {
        ValueGetter<T> kept = null;
        return (ref T value) =>
        {
            if (kept == null)
            {
                _ = Slot();
                kept = (ValueGetter<T>)cache.Column(column).MakeGetter(Slot);
            }
            kept(ref value);
        };
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) passed?.Dispose();
    }
}
