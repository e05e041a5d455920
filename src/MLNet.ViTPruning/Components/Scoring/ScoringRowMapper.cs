using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Components;

/// <summary>Scores one row at a time, for prediction engines.</summary>
internal sealed class ScoringRowMapper : IRowToRowMapper
{
    private readonly IScoringStage _stage;
    private readonly DataViewSchema.Column _image;

    public ScoringRowMapper(IScoringStage stage, DataViewSchema inputSchema)
    {
        _stage = stage;
        _image = stage.ImageColumn(inputSchema);
        InputSchema = inputSchema;
        OutputSchema = stage.GetOutputSchema(inputSchema);
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new bool[InputSchema.Count];
        foreach (var column in dependingColumns) needed[column.Index < needed.Length ? column.Index : _image.Index] = true;
        return InputSchema.Where(column => needed[column.Index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        var active = new bool[OutputSchema.Count];
        foreach (var column in activeColumns) active[column.Index] = true;
        return new Row(this, input, active);
    }

    private sealed class Row : DataViewRow
    {
        private readonly ScoringRowMapper _mapper;
        private readonly DataViewRow _input;
        private readonly bool[] _active;
        private readonly Lazy<ImageColumnReader> _image;
        private readonly IBatchScorer _scorer;
        private readonly float[] _pixels;
        private ScoredRow _scores;
        private long _scored = -1;

        public Row(ScoringRowMapper mapper, DataViewRow input, bool[] active)
        {
            _mapper = mapper;
            _input = input;
            _active = active;
            var preprocessor = mapper._stage.Preprocessor;
            _image = new(() => ImageColumnReader.Create(input, mapper._image, preprocessor));
            _scorer = mapper._stage.CreateScorer();
            _pixels = new float[preprocessor.Length];
        }

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override DataViewSchema Schema => _mapper.OutputSchema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active[column.Index]) throw new InvalidOperationException($"The column '{column.Name}' is not active in this row.");
            int inputCount = _mapper.InputSchema.Count;
            return column.Index < inputCount
                ? _input.GetGetter<TValue>(_mapper.InputSchema[column.Index])
                : ScoreGetters.Create<TValue>(column, column.Index - inputCount, _mapper._stage.Settings, Current);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _input.Dispose();
            base.Dispose(disposing);
        }

        // The engine raises Position with each prediction, so all columns share one forward pass.
        private ScoredRow Current()
        {
            if (_scored != _input.Position || _scores.Probabilities.IsEmpty)
            {
                _image.Value.Read(_pixels);
                int size = _mapper._stage.Preprocessor.ImageSize;
                _scores = _scorer.Score(new ImageBatch(_pixels, [default], [1, 3, size, size]) { First = _input.Position }).Row(0, 1);
                _scored = _input.Position;
            }
            return _scores;
        }
    }
}
