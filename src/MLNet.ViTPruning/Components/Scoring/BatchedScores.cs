using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>Scores of consecutive rows, computed a batch at a time by a cursor of its own that runs ahead.</summary>
/// <remarks>A cursor that reads ahead moves all of its pass-through getters to the row read last, so the consumer's columns
/// come from another cursor over the same input; row ids prove that both see the same rows. While a batch is scored, the
/// next one is read and preprocessed in the background. A batch nobody reads is not scored.</remarks>
internal sealed class BatchedScores : IDisposable
{
    private readonly BatchReader _reader;
    private readonly IBatchScorer _scorer;
    private Task<ImageBatch?>? _next;
    private ImageBatch? _batch;
    private ScoredBatch? _scores;

    public BatchedScores(IScoringStage stage, IDataView input, DataViewSchema.Column image)
    {
        _reader = new BatchReader(input, image, stage.Preprocessor, stage.Settings.BatchSize);
        _scorer = stage.CreateScorer();
    }

    /// <summary>What the model said of a row.</summary>
    /// <param name="position">The row's position, never before one asked for earlier.</param>
    /// <param name="id">The row's id.</param>
    public ScoredRow Of(long position, DataViewRowId id)
    {
        while (_batch is null || position >= _batch.First + _batch.Count) Advance();
        int index = (int)(position - _batch.First);
        if (index < 0 || !_batch.Ids[index].Equals(id))
            throw new InvalidOperationException("The input gives its rows in another order each time it is read; call Cache or ShuffleRows with a seed before scoring.");
        if (_scores is null)
        {
            _next ??= Task.Run(_reader.Read);
            _scores = _scorer.Score(_batch);
        }
        return _scores.Row(index, _batch.Count);
    }

    public void Dispose()
    {
        _reader.Cancel();
        try
        {
            _next?.Wait();
        }
        catch (AggregateException)
        {
            // The consumer did not ask for that batch, so its failure is nobody's.
        }
        _reader.Dispose();
    }

    private void Advance()
    {
        var batch = _next is null ? _reader.Read() : _next.GetAwaiter().GetResult();
        _next = null;
        _reader.Recycle(_batch);
        _batch = batch ?? throw new InvalidOperationException("The input gives fewer rows each time it is read; call Cache before scoring.");
        _scores = null;
    }
}
