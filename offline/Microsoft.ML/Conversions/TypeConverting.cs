using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(TypeConvertingTransformer), null, typeof(SignatureLoadModel), "Type conversion", TypeConvertingTransformer.Loader)]

namespace Microsoft.ML.Transforms;

/// <summary>Converts numbers, booleans and texts into one another, and keys into keys of another width.</summary>
public sealed class TypeConvertingEstimator : TrivialEstimator<TypeConvertingTransformer>
{
    internal TypeConvertingEstimator(IHostEnvironment env, (string outputColumnName, string inputColumnName)[] columns, DataKind outputKind)
        : base(env.Register(nameof(TypeConvertingEstimator)), new TypeConvertingTransformer(env, columns, outputKind)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([.. Transformer.ColumnPairs.Select(pair =>
    {
        var input = inputSchema.Find(pair.inputColumnName);
        var target = Transformer.OutputKind.ToType();
        if (!ValueConversion.Exists(input.ItemType, input.IsKey, target)) throw SchemaFault.Mismatch("input", input.Name, $"something that converts to {target}", input.GetTypeString());
        var annotations = new SchemaShape(input.Annotations.Keep(AnnotationKinds.SlotNames, input.IsKey ? AnnotationKinds.KeyValues : AnnotationKinds.SlotNames));
        return new SchemaShape.Column(pair.outputColumnName, input.Kind, target, input.IsKey, annotations);
    })]);
}

public sealed class TypeConvertingTransformer : OneToOneTransformerBase
{
    internal const string Loader = "ConvertTransform", Signature = "CONVERTT";

    internal TypeConvertingTransformer(IHostEnvironment env, (string outputColumnName, string inputColumnName)[] columns, DataKind outputKind)
        : base(env, nameof(TypeConvertingTransformer), columns)
    {
        _ = outputKind.ToType(); // refuses kinds that are none
        OutputKind = outputKind;
    }

    internal DataKind OutputKind { get; }

    internal static TypeConvertingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        return new(env, LoadColumnPairs(ctx), (DataKind)ctx.Reader.ReadByte());
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        SaveColumnPairs(ctx);
        ctx.Writer.Write((byte)OutputKind);
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper(TypeConvertingTransformer parent, DataViewSchema schema) : OneToOneMapper(parent.ColumnPairs, schema)
    {
        protected override (DataViewType, DataViewSchema.Annotations) MakeColumn(int i, DataViewSchema.Column input)
        {
            var (from, target) = (input.Type.ItemType(), parent.OutputKind.ToType());
            var key = from as KeyDataViewType;
            if (!ValueConversion.Exists(key == null ? from : DataKinds.OfRawType(key.RawType), key != null, target))
                throw SchemaFault.Mismatch("input", input.Name, $"something that converts to {target}", input.Type.ToString());
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames || (key != null && kind == AnnotationKinds.KeyValues));
            PrimitiveDataViewType item = key == null ? target : new KeyDataViewType(target.RawType, key.Count);
            return (input.Type.WithItems(item), annotations.ToAnnotations());
        }

        protected override Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer)
        {
            disposer = null;
            var (from, to) = (input.Type.ItemType().RawType, parent.OutputKind.ToType().RawType);
            return (Delegate)TypedCall.Invoke(typeof(Mapper), nameof(Getter), null, [from, to], row, input);
        }

        private static Delegate Getter<TFrom, TTo>(DataViewRow row, DataViewSchema.Column input) =>
            ColumnShapes.MapItems(row, input, (Func<TFrom, TTo>)ValueConversion.Of(typeof(TFrom), typeof(TTo)));
    }
}
