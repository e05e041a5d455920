using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

/// <summary>What travels on the Score column.</summary>
internal sealed record ProbeModel(string Name);

/// <summary>The type of that annotation: one of a library outside ML.NET.</summary>
internal sealed class ProbeModelType : StructuredDataViewType
{
    private ProbeModelType() : base(typeof(ProbeModel)) { }
    public static ProbeModelType Instance { get; } = new();
    public override bool Equals(DataViewType? other) => other is ProbeModelType;
}

/// <summary>An estimator made of public API alone (but for one constructor): Id becomes Score = [Id, Id + offset].</summary>
internal sealed class ProbeEstimator(string name, float offset, string input = "Id") : IEstimator<ProbeScorer>
{
    /// <summary>The model that was found on the input's Score when fitting.</summary>
    public ProbeModel? Upstream { get; private set; }
    public int Fits { get; private set; }

    public ProbeScorer Fit(IDataView data)
    {
        Fits++;
        if (data.Schema.GetColumnOrNull("Score") is { } score && score.Annotations.Schema.GetColumnOrNull("Probe") != null)
        {
            ProbeModel? model = null;
            score.Annotations.GetValue("Probe", ref model!);
            Upstream = model;
        }
        // A trainer reads its data: this one only its input column.
        using var cursor = data.GetRowCursor([data.Schema[input]]);
        while (cursor.MoveNext()) { }
        return new(new ProbeModel(name), offset, input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (!inputSchema.Any(c => c.Name == input))
            throw new ArgumentOutOfRangeException(nameof(inputSchema), $"Could not find input column '{input}'");
        var annotations = new SchemaShape([NewColumn("Probe", SchemaShape.Column.VectorKind.Scalar, ProbeModelType.Instance, false, null)]);
        return new(inputSchema.Where(c => c.Name != "Score").Append(NewColumn("Score", SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, annotations)));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SchemaShape.Column NewColumn(string name, SchemaShape.Column.VectorKind vecKind, DataViewType itemType, bool isKey, SchemaShape? annotations);
}

/// <summary>Its transformer. Counts how often a score is computed.</summary>
internal sealed class ProbeScorer(ProbeModel model, float offset, string input) : ITransformer, IDisposable
{
    public int Forwards;
    public int Disposals;
    public List<long> Positions { get; } = [];
    public ProbeModel Model => model;

    public bool IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new Mapper(this, inputSchema).OutputSchema;
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);
    public IDataView Transform(IDataView input) => new View(input, new Mapper(this, input.Schema));
    public void Save(ModelSaveContext ctx) => throw new NotSupportedException("The probe is not saved.");
    public void Dispose() => Disposals++;

    private sealed class Mapper : IRowToRowMapper
    {
        private readonly ProbeScorer _owner;

        public Mapper(ProbeScorer owner, DataViewSchema inputSchema)
        {
            _owner = owner;
            InputSchema = inputSchema;
            _ = inputSchema[owner.Input];
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add("Probe", ProbeModelType.Instance, (ref ProbeModel value) => value = owner.Model);
            var schema = new DataViewSchema.Builder();
            schema.AddColumns(inputSchema);
            schema.AddColumn("Score", new VectorDataViewType(NumberDataViewType.Single, 2), annotations.ToAnnotations());
            OutputSchema = schema.ToSchema();
        }

        public DataViewSchema InputSchema { get; }
        public DataViewSchema OutputSchema { get; }

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
            dependingColumns.Select(c => c.Index < InputSchema.Count ? InputSchema[c.Index] : InputSchema[_owner.Input]).DistinctBy(c => c.Index).ToArray();

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
            new Row(input, this, [.. activeColumns.Select(c => c.Index)]);

        public ValueGetter<T> Getter<T>(DataViewRow input, DataViewSchema.Column column)
        {
            if (column.Index < InputSchema.Count) return input.GetGetter<T>(InputSchema[column.Index]);
            var id = input.GetGetter<int>(InputSchema[_owner.Input]);
            return (ValueGetter<T>)(Delegate)new ValueGetter<VBuffer<float>>((ref VBuffer<float> score) =>
            {
                int value = 0;
                id(ref value);
                Interlocked.Increment(ref _owner.Forwards);
                lock (_owner.Positions) _owner.Positions.Add(input.Position);
                var editor = VBufferEditor.Create(ref score, 2);
                editor.Values[0] = value;
                editor.Values[1] = value + _owner.Offset;
                score = editor.Commit();
            });
        }
    }

    private string Input => input;
    private float Offset => offset;

    private sealed class Row(DataViewRow input, Mapper mapper, HashSet<int> active) : DataViewRow
    {
        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override DataViewSchema Schema => mapper.OutputSchema;
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => mapper.Getter<TValue>(input, column);
    }

    private sealed class View(IDataView input, Mapper mapper) : IDataView
    {
        public bool CanShuffle => false;
        public DataViewSchema Schema => mapper.OutputSchema;
        public long? GetRowCount() => input.GetRowCount();
        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            var needed = columnsNeeded.ToArray();
            return new Cursor(input.GetRowCursor(mapper.GetDependencies(needed)), mapper, [.. needed.Select(c => c.Index)]);
        }
    }

    private sealed class Cursor(DataViewRowCursor input, Mapper mapper, HashSet<int> active) : DataViewRowCursor
    {
        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override DataViewSchema Schema => mapper.OutputSchema;
        public override bool MoveNext() => input.MoveNext();
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => mapper.Getter<TValue>(input, column);

        protected override void Dispose(bool disposing)
        {
            if (disposing) input.Dispose();
        }
    }
}

internal sealed class ScoreRow
{
    public int Id { get; set; }
    public float[] Score { get; set; } = [];
}
