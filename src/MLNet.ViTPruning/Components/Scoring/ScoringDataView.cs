using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>A data view with the two scoring columns appended; nothing is computed before a cursor asks.</summary>
internal sealed class ScoringDataView : IDataView
{
    private readonly ViTScoringTransformer _transformer;
    private readonly IDataView _input;
    private readonly DataViewSchema.Column _image;

    public ScoringDataView(ViTScoringTransformer transformer, IDataView input)
    {
        _transformer = transformer;
        _input = input;
        _image = transformer.ImageColumn(input.Schema);
        Schema = transformer.GetOutputSchema(input.Schema);
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
        if (!active.AsSpan(inputCount).Contains(true)) return new ScoringCursor(Schema, rows, active, scores: null);
        try
        {
            return new ScoringCursor(Schema, rows, active, new BatchedScores(_transformer, _input, _image));
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
}
