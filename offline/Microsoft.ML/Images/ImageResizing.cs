using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(typeof(ImageResizingTransformer), null, typeof(SignatureLoadModel), "Image resizing", ImageResizingTransformer.Loader)]

namespace Microsoft.ML.Transforms.Image;

/// <summary>Brings the images of a column to one size.</summary>
public sealed class ImageResizingEstimator : TrivialEstimator<ImageResizingTransformer>
{
    /// <summary>What happens to the aspect ratio.</summary>
    public enum ResizingKind : byte
    {
        /// <summary>Kept; the image is padded with transparent black.</summary>
        IsoPad = 0,
        /// <summary>Kept; what sticks out is cut off.</summary>
        IsoCrop = 1,
        /// <summary>Lost; nearest-neighbour.</summary>
        Fill = 2,
    }

    /// <summary>The side that cropping keeps.</summary>
    public enum Anchor : byte
    {
        Right = 0,
        Left = 1,
        Top = 2,
        Bottom = 3,
        Center = 4,
    }

    internal ImageResizingEstimator(IHostEnvironment env, int width, int height, ResizingKind resizing, Anchor anchor,
        params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ImageResizingEstimator)), new ImageResizingTransformer(env, width, height, resizing, anchor, columns)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([.. Transformer.ColumnPairs.Select(pair =>
    {
        var input = inputSchema.Find(pair.inputColumnName);
        if (input.ItemType is not ImageDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw SchemaFault.Mismatch("input", input.Name, "Image", input.GetTypeString());
        return new SchemaShape.Column(pair.outputColumnName, SchemaShape.Column.VectorKind.Scalar, Transformer.OutputType, false);
    })]);
}

public sealed class ImageResizingTransformer : OneToOneTransformerBase
{
    internal const string Loader = "ImageScalerTransform", Signature = "IMGSCALT";
    private readonly int _width, _height;
    private readonly ImageResizingEstimator.ResizingKind _resizing;
    private readonly ImageResizingEstimator.Anchor _anchor;

    internal ImageResizingTransformer(IHostEnvironment env, int imageWidth, int imageHeight, ImageResizingEstimator.ResizingKind resizing,
        ImageResizingEstimator.Anchor cropAnchor, (string outputColumnName, string inputColumnName)[] columns)
        : base(env, nameof(ImageResizingTransformer), columns)
    {
        if (imageWidth <= 0) throw new ArgumentOutOfRangeException(nameof(imageWidth), imageWidth, "A width is positive.");
        if (imageHeight <= 0) throw new ArgumentOutOfRangeException(nameof(imageHeight), imageHeight, "A height is positive.");
        if (!Enum.IsDefined(resizing)) throw new ArgumentException($"There is no resizing {(int)resizing}.", nameof(resizing));
        if (!Enum.IsDefined(cropAnchor)) throw new ArgumentException($"There is no anchor {(int)cropAnchor}.", nameof(cropAnchor));
        (_width, _height, _resizing, _anchor) = (imageWidth, imageHeight, resizing, cropAnchor);
        OutputType = new ImageDataViewType(imageHeight, imageWidth);
    }

    internal ImageDataViewType OutputType { get; }

    internal static ImageResizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        var columns = LoadColumnPairs(ctx);
        var reader = ctx.Reader;
        return new(env, reader.ReadInt32(), reader.ReadInt32(), (ImageResizingEstimator.ResizingKind)reader.ReadByte(),
            (ImageResizingEstimator.Anchor)reader.ReadByte(), columns);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.Begin(Signature, Loader);
        SaveColumnPairs(ctx);
        ctx.Writer.Write(_width);
        ctx.Writer.Write(_height);
        ctx.Writer.Write((byte)_resizing);
        ctx.Writer.Write((byte)_anchor);
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper(ImageResizingTransformer parent, DataViewSchema schema) : OneToOneMapper(parent.ColumnPairs, schema)
    {
        protected override (DataViewType, DataViewSchema.Annotations) MakeColumn(int i, DataViewSchema.Column input) =>
            input.Type is ImageDataViewType ? (parent.OutputType, null) : throw SchemaFault.Mismatch("input", input.Name, "Image", input.Type.ToString());

        protected override Delegate MakeGetter(DataViewRow row, int i, DataViewSchema.Column input, out Action disposer)
        {
            var getSource = row.GetGetter<MLImage>(input);
            MLImage source = null;
            return ImageGetters.Make(() =>
            {
                getSource(ref source);
                if (source == null) return null;
                // As in the real package an image that has the size already is passed on itself, and so is disposed with the output.
                if (source.Width == parent._width && source.Height == parent._height) return source;
                var resized = ImageResizer.Resize(source, parent._width, parent._height, parent._resizing, parent._anchor);
                resized.Tag = source.Tag;
                return resized;
            }, out disposer);
        }
    }
}
