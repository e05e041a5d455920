using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>What the built-in transforms share about columns.</summary>
internal static class ColumnShapes
{
    internal static SchemaShape.Column Find(this SchemaShape shape, string name)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.TryFindColumn(name, out var column) ? column : throw SchemaFault.Missing("input", name);
    }

    /// <summary>The type of a vector's items, or the type itself.</summary>
    internal static DataViewType ItemType(this DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    /// <summary>A column type like <paramref name="shape"/> (scalar, or vector of the same dimensions) with other items.</summary>
    internal static DataViewType WithItems(this DataViewType shape, PrimitiveDataViewType item) =>
        shape is VectorDataViewType vector ? new VectorDataViewType(item, vector.Dimensions) : item;

    /// <summary>The annotation columns of the given kinds that a shape's column has.</summary>
    internal static IEnumerable<SchemaShape.Column> Keep(this SchemaShape annotations, params string[] kinds) =>
        annotations.Where(a => kinds.Contains(a.Name));

    /// <summary>A getter that applies <paramref name="convert"/> to a scalar or to each item of a vector (made dense).</summary>
    internal static Delegate MapItems<TFrom, TTo>(DataViewRow row, DataViewSchema.Column input, Func<TFrom, TTo> convert)
    {
        if (input.Type is not VectorDataViewType)
        {
            var get = row.GetGetter<TFrom>(input);
            TFrom value = default;
            return (ValueGetter<TTo>)((ref TTo result) =>
            {
                get(ref value);
                result = convert(value);
            });
        }
        var getVector = row.GetGetter<VBuffer<TFrom>>(input);
        VBuffer<TFrom> vector = default, dense = default;
        return (ValueGetter<VBuffer<TTo>>)((ref VBuffer<TTo> result) =>
        {
            getVector(ref vector);
            vector.CopyToDense(ref dense);
            var editor = VBufferEditor.Create(ref result, dense.Length);
            var values = dense.GetValues();
            for (var i = 0; i < values.Length; i++) editor.Values[i] = convert(values[i]);
            result = editor.Commit();
        });
    }
}

/// <summary>Versions of the built-in transforms in model files.</summary>
internal static class ModelVersions
{
    /// <param name="signature">Eight characters that begin the transform's entry.</param>
    /// <param name="loader">The name under which it is found again.</param>
    internal static VersionInfo Of(string signature, string loader) =>
        new(signature, 0x00010001, 0x00010001, 0x00010001, typeof(ModelVersions).Assembly.GetName().Name, loader);

    internal static void Begin(this ModelSaveContext ctx, string signature, string loader)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Of(signature, loader));
    }

    internal static void Begin(this ModelLoadContext ctx, string signature, string loader) => ctx.CheckAtModel(Of(signature, loader));
}
