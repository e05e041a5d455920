using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(typeof(ImagePixelExtractingTransformer), null, typeof(SignatureLoadModel), "Pixel extraction", ImagePixelExtractingTransformer.Loader)]

namespace Microsoft.ML.Transforms.Image;

/// <summary>Puts the channels of images into vectors: (value - offset) * scale.</summary>
public sealed class ImagePixelExtractingEstimator : TrivialEstimator<ImagePixelExtractingTransformer>
{
    /// <summary>Channels.</summary>
    [Flags]
    public enum ColorBits : byte
    {
        Alpha = 1,
        Red = 2,
        Green = 4,
        Blue = 8,
        Rgb = Red | Green | Blue,
        All = Alpha | Red | Green | Blue,
    }

    /// <summary>The order of the channels.</summary>
    public enum ColorsOrder : byte
    {
        ARGB = 1,
        ARBG = 2,
        ABRG = 3,
        ABGR = 4,
        AGRB = 5,
        AGBR = 6,
    }

    internal ImagePixelExtractingEstimator(IHostEnvironment env, PixelLayout layout, bool asFloat, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ImagePixelExtractingEstimator)), new ImagePixelExtractingTransformer(env, layout, asFloat, columns)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([.. Transformer.ColumnPairs.Select(pair =>
    {
        var input = inputSchema.Find(pair.inputColumnName);
        if (input.ItemType is not ImageDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw SchemaFault.Mismatch("input", input.Name, "Image", input.GetTypeString());
        return new SchemaShape.Column(pair.outputColumnName, SchemaShape.Column.VectorKind.Vector, Transformer.ItemType, false);
    })]);
}

public sealed class ImagePixelExtractingTransformer : OneToOneTransformerBase
{
    internal const string Loader = "ImagePixelExtractor", Signature = "IMGPXEXT";
    private readonly PixelLayout _layout;
    private readonly bool _asFloat;

    internal ImagePixelExtractingTransformer(IHostEnvironment env, PixelLayout layout, bool asFloat, (string outputColumnName, string inputColumnName)[] columns)
        : base(env, nameof(ImagePixelExtractingTransformer), columns)
    {
        layout.Validate();
        (_layout, _asFloat) = (layout, asFloat);
    }

    internal PrimitiveDataViewType ItemType => _asFloat ? NumberDataViewType.Single : NumberDataViewType.Byte;

    internal static ImagePixelExtractingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        var columns = LoadColumnPairs(ctx);
        var reader = ctx.Reader;
        var layout = new PixelLayout((ImagePixelExtractingEstimator.ColorBits)reader.ReadByte(), (ImagePixelExtractingEstimator.ColorsOrder)reader.ReadByte(),
            reader.ReadBoolean(), reader.ReadSingle(), reader.ReadSingle());
        return new(env, layout, reader.ReadBoolean(), columns);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        SaveColumnPairs(ctx);
        _layout.Save(ctx.Writer);
        ctx.Writer.Write(_asFloat);
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper(ImagePixelExtractingTransformer parent, DataViewSchema schema) : OneToOneMapper(parent.ColumnPairs, schema)
    {
        protected override (DataViewType, DataViewSchema.Annotations) MakeColumn(int i, DataViewSchema.Column input)
        {
            var (height, width) = SizeOf(input);
            return (new VectorDataViewType(parent.ItemType, parent._layout.Dimensions(height, width)), null);
        }

        protected override Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer)
        {
            var (height, width) = SizeOf(input);
            var getImage = row.GetGetter<MLImage>(input);
            MLImage image = null;
            disposer = () => image = null; // who made the image disposes it
            return parent._asFloat ? Getter<float>(parent._layout.Read) : Getter<byte>(parent._layout.Read);

            ValueGetter<VBuffer<T>> Getter<T>(ReadInto<T> read) => (ref VBuffer<T> values) =>
            {
                getImage(ref image);
                var size = height * width * parent._layout.Planes;
                if (image == null)
                {
                    values = new VBuffer<T>(size, 0, [], []); // no image: all zero
                    return;
                }
                if (image.Height != height || image.Width != width)
                    throw new InvalidOperationException($"An image of {image.Width} x {image.Height} pixels came through column '{input.Name}' of {width} x {height}.");
                var editor = VBufferEditor.Create(ref values, size);
                read(image, editor.Values);
                values = editor.Commit();
            };
        }

        private delegate void ReadInto<T>(MLImage image, Span<T> values);

        private static (int Height, int Width) SizeOf(DataViewSchema.Column input)
        {
            if (input.Type is not ImageDataViewType image) throw SchemaFault.Mismatch("input", input.Name, "Image", input.Type.ToString());
            if (image.Height <= 0 || image.Width <= 0)
                throw SchemaFault.Mismatch("input", input.Name, "images of a known size (use ResizeImages before)", image.ToString());
            return (image.Height, image.Width);
        }
    }
}
