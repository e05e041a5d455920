namespace Microsoft.ML.Data;

/// <summary>Each row as often as a Poisson variable of mean 1 says, which is about what drawing with replacement gives; or, as complement,
/// the rows that are drawn not at all.</summary>
internal sealed class BootstrapDataView(IDataView input, int seed, bool complement) : IDataView
{
    public bool CanShuffle => false; // how often a row comes depends on its place
    public DataViewSchema Schema => input.Schema;
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded as ICollection<DataViewSchema.Column> ?? [.. columnsNeeded];
        return new Cursor(input.GetRowCursor(needed), ActiveColumns.Of(Schema, needed), new Random(seed), complement);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor input, bool[] active, Random random, bool complement) : DataViewRowCursor
    {
        private int _left;
        private int _repeat;
        private long _position = -1;

        public override long Position => _position;
        public override long Batch => input.Batch;
        public override DataViewSchema Schema => input.Schema;

        public override bool MoveNext()
        {
            if (--_left > 0) _repeat++;
            else
            {
                do
                {
                    if (!input.MoveNext()) return false;
                    int times = Poisson();
                    _left = complement ? (times == 0 ? 1 : 0) : times;
                }
                while (_left == 0);
                _repeat = 0;
            }
            _position++;
            return true;
        }

        // Knuth: count the uniform factors until their product falls below e^-1.
        private int Poisson()
        {
            int k = 0;
            for (double product = random.NextDouble(); product > 1 / Math.E; product *= random.NextDouble()) k++;
            return k;
        }

        // The copies of a row are rows of their own.
        public override ValueGetter<DataViewRowId> GetIdGetter()
        {
            var getter = input.GetIdGetter();
            return (ref DataViewRowId id) =>
            {
                getter(ref id);
                id = id.Combine(new DataViewRowId((ulong)_repeat, 0));
            };
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Has(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            active.Require(column);
            return input.GetGetter<TValue>(column);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) input.Dispose();
        }
    }
}
