namespace Microsoft.ML.Data;

/// <summary>Rows in an order drawn anew for each seed: a pool is filled, each step hands out one row of it and refills its place.
/// The source itself is shuffled first where it can be and that is wanted.</summary>
internal sealed class ShuffleDataView(IDataView input, int seed, int poolSize, bool shuffleSource) : IDataView
{
    public bool CanShuffle => true;
    public DataViewSchema Schema => input.Schema;
    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded as ICollection<DataViewSchema.Column> ?? [.. columnsNeeded];
        // Without a generator of the caller's each pass has the same order.
        rand ??= new Random(seed);
        var source = input.GetRowCursor(needed, shuffleSource && input.CanShuffle ? new Random(rand.Next()) : null);
        return new Cursor(source, ActiveColumns.Of(Schema, needed), rand, poolSize);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DataViewRowCursor _source;
        private readonly bool[] _active;
        private readonly Random _rand;
        private readonly int _poolSize;
        private readonly RowBuffer _pool;
        private readonly Delegate[] _getters;

        // _order[.._filled] are the numbers of the rows in the pool. The row handed out last stands at _order[_filled].
        private int[] _order = [];
        private int _filled;
        private int _current = -1;
        private bool _sourceEnded;
        private long _position = -1;

        public Cursor(DataViewRowCursor source, bool[] active, Random rand, int poolSize)
        {
            _source = source;
            _active = active;
            _rand = rand;
            _poolSize = poolSize;
            _pool = new RowBuffer(source, active);
            _getters = new Delegate[active.Length];
        }

        public override long Position => _position;
        public override long Batch => 0;
        public override DataViewSchema Schema => _source.Schema;

        public override bool MoveNext()
        {
            while (!_sourceEnded && _filled < _poolSize)
            {
                if (!_source.MoveNext())
                {
                    _sourceEnded = true;
                    break;
                }
                if (_filled == _order.Length) Grow();
                _pool.Store(_order[_filled++]);
            }
            if (_filled == 0)
            {
                _current = -1;
                return false;
            }
            int drawn = _rand.Next(_filled);
            _filled--;
            (_order[drawn], _order[_filled]) = (_order[_filled], _order[drawn]);
            _current = _order[_filled];
            _position++;
            return true;
        }

        private void Grow()
        {
            int old = _order.Length;
            Array.Resize(ref _order, Math.Min(_poolSize, Math.Max(16, 2 * old)));
            for (int i = old; i < _order.Length; i++) _order[i] = i;
        }

        private int Current() => _current >= 0 ? _current : throw new InvalidOperationException(
            "The cursor stands on no row: call MoveNext first.");

        public override ValueGetter<DataViewRowId> GetIdGetter() => _pool.MakeIdGetter(Current);
        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Has(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            _active.Require(column);
            return (_getters[column.Index] ??= _pool.MakeGetter(column.Index, Current)).As<TValue>(column);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _source.Dispose();
        }
    }
}
