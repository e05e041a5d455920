using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

/// <summary>A data view of <c>Id</c> (0, 1, ...) and <c>Square</c> (Single) that counts what is asked of it.</summary>
internal sealed class ProbeDataView : IDataView
{
    private readonly int _rows;

    public ProbeDataView(int rows)
    {
        _rows = rows;
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Id", NumberDataViewType.Int32);
        schema.AddColumn("Square", NumberDataViewType.Single);
        Schema = schema.ToSchema();
    }

    public int Cursors;
    public int Moves;
    public int[] Reads { get; } = new int[2];
    public List<string> Asked { get; } = [];

    public bool CanShuffle => false;
    public DataViewSchema Schema { get; }
    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Interlocked.Increment(ref Cursors);
        var active = columnsNeeded.Select(c => c.Index).ToHashSet();
        Asked.Add(string.Join(",", active.Order()));
        return new Cursor(this, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ProbeDataView owner, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;
        public override long Batch => 0;
        public override DataViewSchema Schema => owner.Schema;

        public override bool MoveNext()
        {
            Interlocked.Increment(ref owner.Moves);
            return ++_position < owner._rows;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);
        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!active.Contains(column.Index)) throw new InvalidOperationException($"'{column.Name}' is not active.");
            Delegate getter = column.Index == 0
                ? new ValueGetter<int>((ref int value) => { Interlocked.Increment(ref owner.Reads[0]); value = (int)_position; })
                : new ValueGetter<float>((ref float value) => { Interlocked.Increment(ref owner.Reads[1]); value = _position * _position; });
            return (ValueGetter<TValue>)getter;
        }
    }
}

internal sealed class IdRow
{
    public int Id { get; set; }
}

internal sealed class IdSquareRow
{
    public int Id { get; set; }
    public float Square { get; set; }
}
