using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(typeof(Microsoft.ML.Data.ColumnConcatenatingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Column concatenation", Microsoft.ML.Data.ColumnConcatenatingTransformer.Loader)]

namespace Microsoft.ML.Data;

public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
{
    internal const string Loader = "ConcatTransform", Signature = "COLJOINT";
    private readonly string _output;
    private readonly string[] _inputs;

    internal ColumnConcatenatingTransformer(IHostEnvironment env, string output, string[] inputs)
        : base(env, nameof(ColumnConcatenatingTransformer)) => (_output, _inputs) = (output, inputs);

    internal static ColumnConcatenatingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        var output = ctx.LoadNonEmptyString();
        var count = ctx.Reader.ReadInt32();
        if (count is < 1 or > 1_000_000) throw new InvalidDataException($"The model joins {count} columns.");
        var inputs = new List<string>();
        for (var i = 0; i < count; i++) inputs.Add(ctx.LoadNonEmptyString());
        return new(env, output, [.. inputs]);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        ctx.SaveNonEmptyString(_output);
        ctx.Writer.Write(_inputs.Length);
        foreach (var input in _inputs) ctx.SaveNonEmptyString(input);
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper : RowMapper
    {
        private readonly ColumnConcatenatingTransformer _parent;
        private readonly DataViewSchema.Column[] _columns;
        private readonly PrimitiveDataViewType _item;

        internal Mapper(ColumnConcatenatingTransformer parent, DataViewSchema schema) : base(schema)
        {
            _parent = parent;
            _columns = [.. parent._inputs.Select(name => schema.GetColumnOrNull(name) ?? throw SchemaFault.Missing("input", name))];
            _item = _columns[0].Type.ItemType() as PrimitiveDataViewType
                ?? throw SchemaFault.Mismatch("input", _columns[0].Name, "a primitive type or a vector of one", _columns[0].Type.ToString());
            foreach (var column in _columns)
                if (!column.Type.ItemType().Equals(_item)) throw SchemaFault.Mismatch("input", column.Name, _item.ToString(), column.Type.ToString());
        }

        // 0 where a column's size varies
        private int Size => _columns.Any(c => c.Type is VectorDataViewType { IsKnownSize: false }) ? 0 : _columns.Sum(c => SizeOf(c));

        private static int SizeOf(DataViewSchema.Column column) => column.Type is VectorDataViewType vector ? vector.Size : 1;

        protected override DataViewSchema.DetachedColumn[] MakeColumns()
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            if (Size > 0 && _columns.Any(c => c.Type is not VectorDataViewType || c.HasSlotNames())) annotations.AddTexts(AnnotationKinds.SlotNames, [.. SlotNames()]);
            if (_columns.All(c => c.IsNormalized())) annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
            return [new(_parent._output, new VectorDataViewType(_item, Size), annotations.ToAnnotations())];
        }

        private IEnumerable<string> SlotNames()
        {
            foreach (var column in _columns)
            {
                if (column.Type is not VectorDataViewType)
                {
                    yield return column.Name;
                    continue;
                }
                VBuffer<ReadOnlyMemory<char>> names = default;
                if (column.HasSlotNames()) column.GetSlotNames(ref names);
                var texts = names.DenseValues().ToArray();
                for (var i = 0; i < SizeOf(column); i++) yield return i < texts.Length && texts[i].Length > 0 ? $"{column.Name}.{texts[i]}" : "";
            }
        }

        protected override IEnumerable<DataViewSchema.Column> DependenciesOf(int added) => _columns;

        protected override Delegate MakeGetter(DataViewRow input, int added, out Action disposer)
        {
            disposer = null;
            return (Delegate)TypedCall.Invoke(typeof(Mapper), nameof(Getter), this, [_item.RawType], input);
        }

        private delegate ReadOnlySpan<T> Part<T>();

        private ValueGetter<VBuffer<T>> Getter<T>(DataViewRow input)
        {
            var parts = _columns.Select(c => PartOf<T>(input, c)).ToArray();
            var joined = new List<T>();
            return (ref VBuffer<T> result) =>
            {
                joined.Clear();
                foreach (var part in parts) joined.AddRange(part());
                var editor = VBufferEditor.Create(ref result, joined.Count);
                joined.CopyTo(editor.Values);
                result = editor.Commit();
            };
        }

        private static Part<T> PartOf<T>(DataViewRow input, DataViewSchema.Column column)
        {
            if (column.Type is VectorDataViewType)
            {
                var get = input.GetGetter<VBuffer<T>>(column);
                VBuffer<T> vector = default, dense = default;
                return () =>
                {
                    get(ref vector);
                    vector.CopyToDense(ref dense);
                    return dense.GetValues();
                };
            }
            var getOne = input.GetGetter<T>(column);
            var one = new T[1];
            return () =>
            {
                getOne(ref one[0]);
                return one;
            };
        }
    }
}
