namespace Microsoft.ML.Data;

/// <summary>A user's objects as a data view. A list can be shuffled and counted; any other sequence is only enumerated, once for each
/// cursor.</summary>
internal sealed class EnumerableDataView<TRow> : IDataView
    where TRow : class
{
    private readonly IEnumerable<TRow> _rows;
    private readonly BoundMember[] _members;

    public EnumerableDataView(IEnumerable<TRow> rows, BoundMember[] members)
    {
        _rows = rows;
        _members = members;
        Schema = BoundMember.SchemaOf(members);
    }

    public bool CanShuffle => _rows is IList<TRow>;
    public DataViewSchema Schema { get; }
    public long? GetRowCount() => (_rows as IList<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(Schema, columnsNeeded);
        return _rows is IList<TRow> list ? new Cursor(this, active, InOrder(list, rand)) : new Cursor(this, active, Numbered(_rows));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private static IEnumerator<(long, TRow)> InOrder(IList<TRow> list, Random rand)
    {
        int[] order = null;
        if (rand != null)
        {
            order = [.. System.Linq.Enumerable.Range(0, list.Count)];
            rand.Shuffle(order);
        }
        for (int i = 0, count = list.Count; i < count; i++)
        {
            int at = order == null ? i : order[i];
            yield return (at, list[at]);
        }
    }

    private static IEnumerator<(long, TRow)> Numbered(IEnumerable<TRow> rows)
    {
        long i = 0;
        foreach (var row in rows) yield return (i++, row);
    }

    private sealed class Cursor(EnumerableDataView<TRow> owner, bool[] active, IEnumerator<(long Id, TRow Row)> rows) : DataViewRowCursor
    {
        private readonly Delegate[] _getters = new Delegate[active.Length];
        private long _position = -1;
        private TRow _current;
        private long _id;

        public override long Position => _position;
        public override long Batch => 0;
        public override DataViewSchema Schema => owner.Schema;

        public override bool MoveNext()
        {
            if (!rows.MoveNext())
            {
                _current = null;
                return false;
            }
            (_id, _current) = rows.Current;
            if (_current == null) throw new InvalidOperationException($"The object of row {_id} is null.");
            _position++;
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
        {
            _ = Current();
            id = new DataViewRowId((ulong)_id, 0);
        };

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Has(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            active.Require(column);
            return (_getters[column.Index] ??= MemberGetters.Create(owner._members[column.Index], Current)).As<TValue>(column);
        }

        private TRow Current() => _current ?? throw new InvalidOperationException("The cursor stands on no row: call MoveNext first.");

        protected override void Dispose(bool disposing)
        {
            if (disposing) rows.Dispose();
        }
    }
}
