using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ColumnCopyingTransformer), null, typeof(SignatureLoadModel), "Column copying", ColumnCopyingTransformer.Loader)]

namespace Microsoft.ML.Transforms;

/// <summary>Gives columns a second name; values and annotations are the same.</summary>
public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    internal ColumnCopyingEstimator(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ColumnCopyingEstimator)), new ColumnCopyingTransformer(env, columns)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([.. Transformer.ColumnPairs.Select(pair =>
    {
        var input = inputSchema.Find(pair.inputColumnName);
        return new SchemaShape.Column(pair.outputColumnName, input.Kind, input.ItemType, input.IsKey, input.Annotations);
    })]);
}

public sealed class ColumnCopyingTransformer : OneToOneTransformerBase
{
    internal const string Loader = "CopyTransform", Signature = "COLCOPYT";

    internal ColumnCopyingTransformer(IHostEnvironment env, (string outputColumnName, string inputColumnName)[] columns)
        : base(env, nameof(ColumnCopyingTransformer), columns) { }

    internal static ColumnCopyingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        return new(env, LoadColumnPairs(ctx));
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        SaveColumnPairs(ctx);
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(ColumnPairs, inputSchema);

    private sealed class Mapper((string, string)[] pairs, DataViewSchema schema) : OneToOneMapper(pairs, schema)
    {
        protected override (DataViewType, DataViewSchema.Annotations) MakeColumn(int i, DataViewSchema.Column input) => (input.Type, input.Annotations);

        protected override Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer)
        {
            disposer = null;
            return row.GetGetterUntyped(input);
        }
    }
}
