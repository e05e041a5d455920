namespace Microsoft.ML.Data;

/// <summary>A mapper whose added column i is computed from one input column.</summary>
internal abstract class OneToOneMapper : RowMapper
{
    private readonly (string outputColumnName, string inputColumnName)[] _pairs;
    private readonly DataViewSchema.Column[] _inputs;

    protected OneToOneMapper((string outputColumnName, string inputColumnName)[] pairs, DataViewSchema inputSchema) : base(inputSchema)
    {
        _pairs = pairs;
        _inputs = new DataViewSchema.Column[pairs.Length];
        for (int i = 0; i < pairs.Length; i++)
            _inputs[i] = inputSchema.GetColumnOrNull(pairs[i].inputColumnName) ?? throw SchemaFault.Missing("input", pairs[i].inputColumnName);
    }

    /// <summary>Type and annotations of added column <paramref name="i"/>; throws <see cref="SchemaFault.Mismatch"/> where the input does
    /// not fit.</summary>
    protected abstract (DataViewType Type, DataViewSchema.Annotations Annotations) MakeColumn(int i, DataViewSchema.Column input);

    protected abstract Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer);

    protected sealed override DataViewSchema.DetachedColumn[] MakeColumns()
    {
        var columns = new DataViewSchema.DetachedColumn[_pairs.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            var (type, annotations) = MakeColumn(i, _inputs[i]);
            columns[i] = new(_pairs[i].outputColumnName, type, annotations);
        }
        return columns;
    }

    protected sealed override IEnumerable<DataViewSchema.Column> DependenciesOf(int added) => [_inputs[added]];
    protected sealed override Delegate MakeGetter(DataViewRow input, int added, out Action disposer) =>
        MakeGetter(input, added, _inputs[added], out disposer);
}
