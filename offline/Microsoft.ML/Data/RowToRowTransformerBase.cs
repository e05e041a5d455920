using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Base of the built-in transformers that add columns row by row. How to use it stands in RowMapper.cs.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected readonly IHost Host;

    private protected RowToRowTransformerBase(IHostEnvironment env, string name)
    {
        ArgumentNullException.ThrowIfNull(env);
        Host = env.Register(name);
    }

    bool ITransformer.IsRowToRowMapper => true;

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => MakeRowMapper(inputSchema);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => MakeRowMapper(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var mapper = MakeRowMapper(input.Schema);
        _ = mapper.OutputSchema; // what does not fit is said here, not in the first cursor
        return RowMapping.Transform(mapper, input);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SaveModel(ctx);

    private protected abstract RowMapper MakeRowMapper(DataViewSchema inputSchema);
    private protected abstract void SaveModel(ModelSaveContext ctx);
}

/// <summary>Base of the built-in transformers whose every output column has one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    internal readonly (string outputColumnName, string inputColumnName)[] ColumnPairs;

    private protected OneToOneTransformerBase(IHostEnvironment env, string name, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env, name)
    {
        ArgumentNullException.ThrowIfNull(columns);
        foreach (var (output, input) in columns)
        {
            ArgumentException.ThrowIfNullOrEmpty(output);
            ArgumentException.ThrowIfNullOrEmpty(input);
        }
        var twice = columns.GroupBy(c => c.outputColumnName).FirstOrDefault(g => g.Count() > 1);
        if (twice != null) throw new ArgumentException($"Output column '{twice.Key}' is given {twice.Count()} times.", nameof(columns));
        ColumnPairs = columns;
    }

    /// <summary>Reads what <see cref="SaveColumnPairs"/> wrote.</summary>
    private protected static (string outputColumnName, string inputColumnName)[] LoadColumnPairs(ModelLoadContext ctx)
    {
        int count = ctx.Reader.ReadInt32();
        if (count <= 0) throw new InvalidDataException($"The model names {count} columns.");
        var pairs = new List<(string, string)>();
        for (int i = 0; i < count; i++) pairs.Add((ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString()));
        return [.. pairs];
    }

    private protected void SaveColumnPairs(ModelSaveContext ctx)
    {
        ctx.Writer.Write(ColumnPairs.Length);
        foreach (var (output, input) in ColumnPairs)
        {
            ctx.SaveNonEmptyString(output);
            ctx.SaveNonEmptyString(input);
        }
    }
}
