using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ValueToKeyMappingTransformer), null, typeof(SignatureLoadModel), "Value to key", ValueToKeyMappingTransformer.Loader)]

namespace Microsoft.ML.Transforms;

public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    internal const string Loader = "TermTransform", Signature = "VALTOKEY";
    private readonly KeyTable[] _tables;
    private readonly bool[] _asText;

    internal ValueToKeyMappingTransformer(IHostEnvironment env, (string outputColumnName, string inputColumnName)[] columns, KeyTable[] tables, bool[] asText)
        : base(env, nameof(ValueToKeyMappingTransformer), columns) => (_tables, _asText) = (tables, asText);

    internal static ValueToKeyMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        var columns = LoadColumnPairs(ctx);
        var (tables, asText) = (new KeyTable[columns.Length], new bool[columns.Length]);
        for (var i = 0; i < columns.Length; i++) (asText[i], tables[i]) = (ctx.Reader.ReadBoolean(), KeyTable.Load(ctx.Reader));
        return new(env, columns, tables, asText);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        SaveColumnPairs(ctx);
        for (var i = 0; i < _tables.Length; i++)
        {
            ctx.Writer.Write(_asText[i]);
            _tables[i].Save(ctx.Writer);
        }
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper(ValueToKeyMappingTransformer parent, DataViewSchema schema) : OneToOneMapper(parent.ColumnPairs, schema)
    {
        protected override (DataViewType, DataViewSchema.Annotations) MakeColumn(int i, DataViewSchema.Column input)
        {
            var table = parent._tables[i];
            if (!input.Type.ItemType().Equals(table.ItemType))
                throw SchemaFault.Mismatch("input", input.Name, table.ItemType.ToString(), input.Type.ToString());
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
            table.AddKeyValues(annotations, parent._asText[i]);
            return (input.Type.WithItems(table.KeyType), annotations.ToAnnotations());
        }

        protected override Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer)
        {
            disposer = null;
            return parent._tables[i].MakeGetter(row, input);
        }
    }
}
