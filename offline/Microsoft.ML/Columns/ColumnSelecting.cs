using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ColumnSelectingTransformer), null, typeof(SignatureLoadModel), "Column selection", ColumnSelectingTransformer.Loader)]

namespace Microsoft.ML.Transforms;

/// <summary>Keeps the named columns, in the order given, or drops the named ones.</summary>
public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    internal ColumnSelectingEstimator(IHostEnvironment env, string[] keep, string[] drop, bool keepHidden)
        : base(env.Register(nameof(ColumnSelectingEstimator)), new ColumnSelectingTransformer(keep, drop, keepHidden)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (Transformer.Keep is { } keep) return new SchemaShape(keep.Select(inputSchema.Find));
        foreach (var name in Transformer.Drop) inputSchema.Find(name);
        return new SchemaShape(inputSchema.Where(c => !Transformer.Drop.Contains(c.Name)));
    }
}

public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string Loader = "SelectColumnsTransform", Signature = "SELCOLST";

    internal ColumnSelectingTransformer(string[] keep, string[] drop, bool keepHidden)
    {
        foreach (var names in new[] { keep, drop })
            if (names != null && (names.Length == 0 || names.Any(string.IsNullOrEmpty)))
                throw new ArgumentException("Columns are given by one name or more, none of them empty.", "columnNames");
        if (keep == null && drop == null) throw new ArgumentNullException("columnNames");
        (Keep, Drop, KeepHidden) = (keep, drop, keepHidden);
    }

    // exactly one of the two is not null
    internal string[] Keep { get; }
    internal string[] Drop { get; }
    private bool KeepHidden { get; }

    bool ITransformer.IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new ColumnSelection(inputSchema, Choose(inputSchema)).OutputSchema;
    public IDataView Transform(IDataView input) => new SelectedDataView(input, new ColumnSelection(input.Schema, Choose(input.Schema)));
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new ColumnSelection(inputSchema, Choose(inputSchema));

    private int[] Choose(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        foreach (var name in Keep ?? Drop)
            if (schema.GetColumnOrNull(name) == null) throw SchemaFault.Missing("input", name);
        var candidates = schema.Where(c => KeepHidden || !c.IsHidden);
        return Keep == null
            ? [.. candidates.Where(c => !Drop.Contains(c.Name)).Select(c => c.Index)]
            : [.. Keep.Distinct().SelectMany(name => candidates.Where(c => c.Name == name)).Select(c => c.Index)];
    }

    internal static ColumnSelectingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        var (keeps, keepHidden, count) = (ctx.Reader.ReadBoolean(), ctx.Reader.ReadBoolean(), ctx.Reader.ReadInt32());
        if (count is < 1 or > 1_000_000) throw new InvalidDataException($"The model selects {count} columns.");
        var names = new List<string>();
        for (var i = 0; i < count; i++) names.Add(ctx.LoadNonEmptyString());
        return keeps ? new([.. names], null, keepHidden) : new(null, [.. names], keepHidden);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        ctx.Writer.Write(Keep != null);
        ctx.Writer.Write(KeepHidden);
        ctx.Writer.Write((Keep ?? Drop).Length);
        foreach (var name in Keep ?? Drop) ctx.SaveNonEmptyString(name);
    }
}
