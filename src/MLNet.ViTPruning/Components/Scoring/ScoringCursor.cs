using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>Serves the consumer's columns row by row, and the scores of the same row from the batch it was scored in.</summary>
internal sealed class ScoringCursor : DataViewRowCursor
{
    private readonly DataViewRowCursor _rows;
    private readonly bool[] _active;
    private readonly ScoringSettings _settings;
    private readonly BatchedScores? _scores;
    private readonly ValueGetter<DataViewRowId>? _getId;
    private bool _disposed;

    public ScoringCursor(DataViewSchema schema, DataViewRowCursor rows, bool[] active, ScoringSettings settings, BatchedScores? scores)
    {
        Schema = schema;
        _rows = rows;
        _active = active;
        _settings = settings;
        _scores = scores;
        _getId = scores is null ? null : rows.GetIdGetter();
    }

    public override long Position => _rows.Position;

    public override long Batch => _rows.Batch;

    public override DataViewSchema Schema { get; }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => _rows.GetIdGetter();

    public override bool MoveNext() => _rows.MoveNext();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!_active[column.Index]) throw new InvalidOperationException($"The column '{column.Name}' is not active in this cursor.");
        if (column.Index < _rows.Schema.Count) return _rows.GetGetter<TValue>(_rows.Schema[column.Index]);
        return ScoreGetters.Create<TValue>(column, column.Index - _rows.Schema.Count, _settings, Current);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _scores?.Dispose();
            _rows.Dispose();
        }
        base.Dispose(disposing);
    }

    private ScoredRow Current()
    {
        DataViewRowId id = default;
        _getId!(ref id);
        return _scores!.Of(_rows.Position, id);
    }
}
