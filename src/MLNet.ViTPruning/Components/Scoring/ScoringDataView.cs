using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>A data view with the scoring columns appended; nothing is computed before a cursor asks.</summary>
internal sealed class ScoringDataView : IDataView
{
    private readonly IScoringStage _stage;
    private readonly IDataView _input;
    private readonly DataViewSchema.Column _image;

    public ScoringDataView(IScoringStage stage, IDataView input)
    {
        _stage = stage;
        _input = input;
        _image = stage.ImageColumn(input.Schema);
        Schema = stage.GetOutputSchema(input.Schema);
    }

    // Two cursors run over the input side by side, so its order must be the same each time.
    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        int inputCount = _input.Schema.Count;
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded) active[column.Index] = true;
        var passedThrough = _input.Schema.Where(column => active[column.Index]);
        var rows = _input.GetRowCursor(passedThrough);
        if (!active.AsSpan(inputCount).Contains(true)) return new ScoringCursor(Schema, rows, active, _stage.Settings, scores: null);
        try
        {
            return new ScoringCursor(Schema, rows, active, _stage.Settings, new BatchedScores(_stage, _input, _image));
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
}
