using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

[assembly: Microsoft.ML.LoadableClass(typeof(Microsoft.ML.Data.ImageLoadingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Image loading", Microsoft.ML.Data.ImageLoadingTransformer.Loader)]

namespace Microsoft.ML.Data;

/// <summary>Reads the files that a column of paths names, as images or as their bytes.</summary>
public sealed class ImageLoadingEstimator : TrivialEstimator<ImageLoadingTransformer>
{
    internal ImageLoadingEstimator(IHostEnvironment env, string imageFolder, bool asImage, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ImageLoadingEstimator)), new ImageLoadingTransformer(env, imageFolder, asImage, columns)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([.. Transformer.ColumnPairs.Select(pair =>
    {
        var input = inputSchema.Find(pair.inputColumnName);
        if (input.ItemType is not TextDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw SchemaFault.Mismatch("input", input.Name, TextDataViewType.Instance.ToString(), input.GetTypeString());
        return Transformer.AsImage
            ? new SchemaShape.Column(pair.outputColumnName, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), false)
            : new SchemaShape.Column(pair.outputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Byte, false);
    })]);
}

public sealed class ImageLoadingTransformer : OneToOneTransformerBase
{
    internal const string Loader = "ImageLoaderTransform", Signature = "IMGLOADT";

    /// <summary>The folder of relative paths; null or empty for none.</summary>
    public readonly string ImageFolder;

    internal ImageLoadingTransformer(IHostEnvironment env, string imageFolder, bool asImage, (string outputColumnName, string inputColumnName)[] columns)
        : base(env, nameof(ImageLoadingTransformer), columns) => (ImageFolder, AsImage) = (imageFolder, asImage);

    internal bool AsImage { get; }

    internal static ImageLoadingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        var columns = LoadColumnPairs(ctx);
        return new(env, ctx.LoadString(), ctx.Reader.ReadBoolean(), columns);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        SaveColumnPairs(ctx);
        ctx.SaveString(ImageFolder);
        ctx.Writer.Write(AsImage);
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper(ImageLoadingTransformer parent, DataViewSchema schema) : OneToOneMapper(parent.ColumnPairs, schema)
    {
        protected override (DataViewType, DataViewSchema.Annotations) MakeColumn(int i, DataViewSchema.Column input)
        {
            if (input.Type is not TextDataViewType) throw SchemaFault.Mismatch("input", input.Name, TextDataViewType.Instance.ToString(), input.Type.ToString());
            return (parent.AsImage ? new ImageDataViewType() : new VectorDataViewType(NumberDataViewType.Byte), null);
        }

        protected override Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer)
        {
            var getPath = row.GetGetter<ReadOnlyMemory<char>>(input);
            ReadOnlyMemory<char> path = default;
            if (parent.AsImage)
                return ImageGetters.Make(() =>
                {
                    getPath(ref path);
                    if (path.IsEmpty) return null;
                    var image = MLImage.CreateFromFile(parent.Full(path));
                    image.Tag = path.ToString();
                    return image;
                }, out disposer);
            disposer = null;
            return (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> bytes) =>
            {
                getPath(ref path);
                var file = path.IsEmpty ? [] : File.ReadAllBytes(parent.Full(path));
                bytes = new VBuffer<byte>(file.Length, file);
            });
        }
    }

    private string Full(ReadOnlyMemory<char> path) => string.IsNullOrWhiteSpace(ImageFolder) ? path.ToString() : Path.Combine(ImageFolder, path.ToString());
}
