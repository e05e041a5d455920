using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(KeyToValueMappingTransformer), null, typeof(SignatureLoadModel), "Key to value", KeyToValueMappingTransformer.Loader)]

namespace Microsoft.ML.Transforms;

/// <summary>Turns keys into the values that their column's KeyValues annotation names.</summary>
public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    internal KeyToValueMappingEstimator(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(KeyToValueMappingEstimator)), new KeyToValueMappingTransformer(env, columns)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([.. Transformer.ColumnPairs.Select(pair =>
    {
        var input = inputSchema.Find(pair.inputColumnName);
        if (!input.IsKey) throw SchemaFault.Mismatch("input", input.Name, "key type", input.GetTypeString());
        if (!input.Annotations.TryFindColumn(AnnotationKinds.KeyValues, out var values))
            throw SchemaFault.Mismatch("input", input.Name, "key type with a KeyValues annotation", input.GetTypeString());
        var annotations = new SchemaShape(input.Annotations.Keep(AnnotationKinds.SlotNames));
        return new SchemaShape.Column(pair.outputColumnName, input.Kind, values.ItemType, values.IsKey, annotations);
    })]);
}

public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal const string Loader = "KeyToValueTransform", Signature = "KEYTOVAL";

    internal KeyToValueMappingTransformer(IHostEnvironment env, (string outputColumnName, string inputColumnName)[] columns)
        : base(env, nameof(KeyToValueMappingTransformer), columns) { }

    internal static KeyToValueMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
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
        protected override (DataViewType, DataViewSchema.Annotations) MakeColumn(int i, DataViewSchema.Column input)
        {
            var item = ValueType(input);
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
            return (input.Type.WithItems(item), annotations.ToAnnotations());
        }

        protected override Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer)
        {
            disposer = null;
            return (Delegate)TypedCall.Invoke(typeof(Mapper), nameof(Getter), null, [input.Type.ItemType().RawType, ValueType(input).RawType], row, input);
        }

        private static PrimitiveDataViewType ValueType(DataViewSchema.Column input)
        {
            if (input.Type.ItemType() is not KeyDataViewType) throw SchemaFault.Mismatch("input", input.Name, "key type", input.Type.ToString());
            if (!input.HasKeyValues()) throw SchemaFault.Mismatch("input", input.Name, "key type with a KeyValues annotation", input.Type.ToString());
            return ((VectorDataViewType)input.Annotations.Schema[AnnotationKinds.KeyValues].Type).ItemType;
        }

        private static Delegate Getter<TKey, TValue>(DataViewRow row, DataViewSchema.Column input)
            where TKey : struct, IConvertible
        {
            VBuffer<TValue> values = default;
            input.GetKeyValues(ref values);
            var table = values.DenseValues().ToArray();
            var missing = Missing<TValue>();
            return ColumnShapes.MapItems<TKey, TValue>(row, input, key =>
            {
                var k = key.ToUInt64(null); // keys are 1-based, 0 is missing
                return k > 0 && k <= (ulong)table.Length ? table[k - 1] : missing;
            });
        }

        private static TValue Missing<TValue>() =>
            typeof(TValue) == typeof(float) ? (TValue)(object)float.NaN : typeof(TValue) == typeof(double) ? (TValue)(object)double.NaN : default;
    }
}
