namespace Microsoft.ML.Data;

/// <summary>Keeps columns in memory when they are first read: each is read from the source once. Only primitive values and vectors of them
/// are kept; other columns (images) are read from the source in every pass.</summary>
internal sealed class CacheDataView : IDataView
{
    private readonly IDataView _input;
    private readonly int[] _prefetch;
    private readonly Lock _gate = new();
    private readonly ColumnBuffer[] _columns;
    private readonly bool[] _kept;
    private ColumnBuffer _ids;
    private int _count;

    public CacheDataView(IDataView input, params int[] prefetch)
    {
        _input = input;
        _prefetch = prefetch;
        _columns = new ColumnBuffer[input.Schema.Count];
        _kept = new bool[input.Schema.Count];
    }

    public bool CanShuffle => _input.CanShuffle || Schema.All(CanKeep);
    public DataViewSchema Schema => _input.Schema;

    public long? GetRowCount()
    {
        lock (_gate) return _ids != null ? _count : _input.GetRowCount();
    }

    private static bool CanKeep(DataViewSchema.Column column) => column.Type is PrimitiveDataViewType or VectorDataViewType;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded as ICollection<DataViewSchema.Column> ?? [.. columnsNeeded];
        var active = ActiveColumns.Of(Schema, needed);
        var passed = needed.Where(c => !CanKeep(c)).ToArray();
        // The source's own order cannot be matched with rows in memory.
        if (passed.Length > 0 && rand != null && _input.CanShuffle) return _input.GetRowCursor(needed, rand);
        return new CacheCursor(this, active, passed.Length > 0 ? _input.GetRowCursor(passed) : null, passed.Length > 0 ? null : rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>Reads what is needed and not there yet, in one pass, and gives the number of rows.</summary>
    internal int Fill(bool[] active)
    {
        lock (_gate)
        {
            var missing = Schema.Where(c => CanKeep(c) && !_kept[c.Index] && (active[c.Index] || _prefetch.Contains(c.Index))).ToArray();
            if (missing.Length == 0 && _ids != null) return _count;
            using var cursor = _input.GetRowCursor(missing);
            var columns = missing.Select(c => ColumnBuffer.Create(c.Type)).ToList();
            for (int i = 0; i < missing.Length; i++) columns[i].Bind(cursor, missing[i]);
            ColumnBuffer ids = null;
            if (_ids == null)
            {
                ids = new ValueBuffer<DataViewRowId>();
                ids.Bind(new IdRow(cursor), default);
                columns.Add(ids);
            }
            int count = 0;
            for (; cursor.MoveNext(); count++) foreach (var column in columns) column.Store(count);
            foreach (var column in columns) column.Finish(count);
            for (int i = 0; i < missing.Length; i++) (_columns[missing[i].Index], _kept[missing[i].Index]) = (columns[i], true);
            if (ids != null) (_ids, _count) = (ids, count);
            else if (count != _count) throw new InvalidOperationException(
                $"The source delivered {_count} rows in an earlier pass and {count} now.");
            return count;
        }
    }

    internal ColumnBuffer Column(int index) => _columns[index];
    internal ColumnBuffer Ids => _ids;
}
