using Microsoft.ML.Data;

namespace Microsoft.ML.Data;

// How a built-in row-by-row transformer is written:
//   1. The transformer derives from RowToRowTransformerBase (or OneToOneTransformerBase where each output column has one input
//      column) and implements MakeRowMapper(inputSchema) and SaveModel(ctx). Where the real class has another base, it implements
//      ITransformer by hand and calls RowMapping.Transform(mapper, input).
//   2. Its mapper derives from RowMapper (or OneToOneMapper) and gives three things: the columns it adds, the input columns that each
//      of them needs, and a getter for each. The base delivers lazy data views, cursors on which only active columns work, rows
//      for PredictionEngine, and dependencies.
//   3. Its estimator derives from TrivialEstimator<T> where nothing is learnt.

/// <summary>A row-by-row transformer bound to one input schema: the input's columns, then the added ones.</summary>
internal abstract class RowMapper : IRowToRowMapper
{
    private DataViewSchema _outputSchema;
    private DataViewSchema.DetachedColumn[] _added;

    protected RowMapper(DataViewSchema inputSchema) => InputSchema = inputSchema ?? throw new ArgumentNullException(nameof(inputSchema));

    public DataViewSchema InputSchema { get; }

    /// <summary>The added columns, in order. Called once.</summary>
    protected abstract DataViewSchema.DetachedColumn[] MakeColumns();

    /// <summary>The columns of <see cref="InputSchema"/> that an added column's getter reads.</summary>
    protected abstract IEnumerable<DataViewSchema.Column> DependenciesOf(int added);

    /// <summary>A <c>ValueGetter</c> of the added column's raw type over <paramref name="input"/>, made once a cursor and column.
    /// <paramref name="disposer"/> (may be null) runs when the cursor or row is disposed.</summary>
    protected abstract Delegate MakeGetter(DataViewRow input, int added, out Action disposer);

    internal Delegate CreateGetter(DataViewRow input, int added, out Action disposer) => MakeGetter(input, added, out disposer);

    internal DataViewSchema.DetachedColumn[] Added => _added ??= MakeColumns();

    public DataViewSchema OutputSchema
    {
        get
        {
            if (_outputSchema != null) return _outputSchema;
            var builder = new DataViewSchema.Builder();
            builder.AddColumns(InputSchema);
            builder.AddColumns(Added);
            var schema = builder.ToSchema();
            // Two threads may both build one; all must see the same, since rows are matched to mappers by it.
            return Interlocked.CompareExchange(ref _outputSchema, schema, null) ?? schema;
        }
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new SortedSet<int>();
        foreach (var column in dependingColumns)
        {
            if (column.Index < InputSchema.Count) needed.Add(column.Index);
            else foreach (var input in DependenciesOf(column.Index - InputSchema.Count)) needed.Add(input.Index);
        }
        return [.. needed.Select(i => InputSchema[i])];
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!ReferenceEquals(input.Schema, InputSchema))
            throw new ArgumentException("The row's schema is not the one that this mapper is bound to.", nameof(input));
        return new MappedRow(input, this, ActiveColumns.Of(OutputSchema, activeColumns));
    }
}

/// <summary>Applies a mapper to a whole data view.</summary>
internal static class RowMapping
{
    public static IDataView Transform(RowMapper mapper, IDataView input) => new MappedDataView(input, mapper);
}
