namespace Microsoft.ML.Data;

/// <summary>Values of one column that outlive the row they came from.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Binds the source whose present row <see cref="Store"/> keeps.</summary>
    public abstract void Bind(DataViewRow source, DataViewSchema.Column column);

    /// <summary>Keeps the present value under a number; what was there is used again.</summary>
    public abstract void Store(int slot);

    /// <summary>A <c>ValueGetter</c> of what is kept under the number that <paramref name="slot"/> gives.</summary>
    public abstract Delegate MakeGetter(Func<int> slot);

    /// <summary>Lets go of the source and of spare room.</summary>
    public abstract void Finish(int count);

    public static ColumnBuffer Create(DataViewType type)
    {
        var buffer = type is VectorDataViewType vector
            ? typeof(VectorBuffer<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(ValueBuffer<>).MakeGenericType(type.RawType);
        return (ColumnBuffer)Activator.CreateInstance(buffer);
    }
}

internal abstract class ColumnBuffer<T> : ColumnBuffer
{
    private ValueGetter<T> _source;
    private T[] _values = [];

    public override void Bind(DataViewRow source, DataViewSchema.Column column) => _source = source.GetGetter<T>(column);

    public override void Store(int slot)
    {
        if (slot >= _values.Length) Array.Resize(ref _values, Math.Max(slot + 1, Math.Max(16, 2 * _values.Length)));
        _source(ref _values[slot]);
    }

    public override Delegate MakeGetter(Func<int> slot) => new ValueGetter<T>((ref T value) => Copy(in _values[slot()], ref value));

    public override void Finish(int count)
    {
        _source = null;
        Array.Resize(ref _values, count);
    }

    protected abstract void Copy(in T kept, ref T value);
}

internal sealed class ValueBuffer<T> : ColumnBuffer<T>
{
    protected override void Copy(in T kept, ref T value) => value = kept;
}

internal sealed class VectorBuffer<T> : ColumnBuffer<VBuffer<T>>
{
    protected override void Copy(in VBuffer<T> kept, ref VBuffer<T> value) => kept.CopyTo(ref value);
}

/// <summary>The active columns of rows, with their ids, under numbers.</summary>
internal sealed class RowBuffer
{
    private readonly ColumnBuffer[] _columns;
    private readonly ColumnBuffer<DataViewRowId> _ids = new ValueBuffer<DataViewRowId>();
    private readonly IdRow _idRow;

    public RowBuffer(DataViewRow source, bool[] active)
    {
        _columns = new ColumnBuffer[active.Length];
        for (int i = 0; i < active.Length; i++)
        {
            if (!active[i]) continue;
            _columns[i] = ColumnBuffer.Create(source.Schema[i].Type);
            _columns[i].Bind(source, source.Schema[i]);
        }
        _idRow = new IdRow(source);
        _ids.Bind(_idRow, default);
    }

    public void Store(int slot)
    {
        foreach (var column in _columns) column?.Store(slot);
        _ids.Store(slot);
    }

    public Delegate MakeGetter(int column, Func<int> slot) => _columns[column].MakeGetter(slot);
    public ValueGetter<DataViewRowId> MakeIdGetter(Func<int> slot) => (ValueGetter<DataViewRowId>)_ids.MakeGetter(slot);
}

/// <summary>A row's id seen as its only column.</summary>
internal sealed class IdRow(DataViewRow source) : DataViewRow
{
    public override long Position => source.Position;
    public override long Batch => source.Batch;
    public override DataViewSchema Schema => source.Schema;
    public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();
    public override bool IsColumnActive(DataViewSchema.Column column) => true;
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetIdGetter() as ValueGetter<TValue>;
}
