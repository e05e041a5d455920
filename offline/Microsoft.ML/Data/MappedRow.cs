namespace Microsoft.ML.Data;

/// <summary>The getters of a mapper's added columns over one row or cursor: made when asked for, disposed with it.</summary>
internal sealed class MappedGetters(DataViewRow input, RowMapper mapper, bool[] active)
{
    private readonly Delegate[] _getters = new Delegate[mapper.Added.Length];
    private readonly List<Action> _disposers = [];

    public ValueGetter<TValue> Get<TValue>(DataViewSchema.Column column)
    {
        active.Require(column);
        if (column.Index < mapper.InputSchema.Count) return input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
        int added = column.Index - mapper.InputSchema.Count;
        if (_getters[added] == null)
        {
            _getters[added] = mapper.CreateGetter(input, added, out var disposer);
            if (disposer != null) _disposers.Add(disposer);
        }
        return _getters[added].As<TValue>(column);
    }

    public void Dispose()
    {
        foreach (var disposer in _disposers) disposer();
        _disposers.Clear();
    }
}

/// <summary>A mapper's row for PredictionEngine.</summary>
internal sealed class MappedRow : DataViewRow
{
    private readonly DataViewRow _input;
    private readonly bool[] _active;
    private readonly MappedGetters _getters;

    public MappedRow(DataViewRow input, RowMapper mapper, bool[] active)
    {
        _input = input;
        _active = active;
        _getters = new(input, mapper, active);
        Schema = mapper.OutputSchema;
    }

    public override long Position => _input.Position;
    public override long Batch => _input.Batch;
    public override DataViewSchema Schema { get; }
    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();
    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Has(column);
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        _getters.Dispose();
        _input.Dispose();
    }
}
