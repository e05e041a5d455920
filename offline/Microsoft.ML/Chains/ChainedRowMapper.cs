namespace Microsoft.ML.Data;

/// <summary>Row mappers one behind the other, each bound to the output schema of the one before. None at all is the identity.</summary>
internal sealed class ChainedRowMapper(DataViewSchema outputSchema, IRowToRowMapper[] mappers) : IRowToRowMapper
{
    public DataViewSchema InputSchema => mappers.Length == 0 ? outputSchema : mappers[0].InputSchema;
    public DataViewSchema OutputSchema => outputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        for (int i = mappers.Length - 1; i >= 0; i--) dependingColumns = [.. mappers[i].GetDependencies(dependingColumns)];
        return dependingColumns;
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        // What each mapper must deliver is what the next one needs.
        var needed = new IEnumerable<DataViewSchema.Column>[mappers.Length];
        for (int i = mappers.Length - 1; i >= 0; i--)
        {
            needed[i] = activeColumns;
            activeColumns = [.. mappers[i].GetDependencies(activeColumns)];
        }
        var row = input;
        for (int i = 0; i < mappers.Length; i++) row = mappers[i].GetRow(row, needed[i]);
        return row;
    }
}
