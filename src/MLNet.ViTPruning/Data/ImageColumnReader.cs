using System.Buffers;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Data;

/// <summary>Reads the images of a row in whichever accepted form its column has them.</summary>
/// <remarks>Belongs to one row's thread. <see cref="Capture"/> copies what the row holds and leaves decoding and resizing to whoever prepares
/// the captured image. Images in the column stay their owner's.</remarks>
internal abstract class ImageColumnReader
{
    private readonly ImagePreprocessor _preprocessor;

    private ImageColumnReader(DataViewRow row, DataViewSchema.Column column, ImagePreprocessor preprocessor) =>
        (Row, Name, _preprocessor) = (row, column.Name, preprocessor);

    private DataViewRow Row { get; }

    private string Name { get; }

    /// <param name="row">The row or cursor, on which the column is active.</param>
    /// <param name="column">The image column.</param>
    /// <param name="preprocessor">The model's.</param>
    /// <param name="maxPixels">Width x height of an encoded image that is decoded at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column has none of the accepted types.</exception>
    public static ImageColumnReader Create(DataViewRow row, DataViewSchema.Column column, ImagePreprocessor preprocessor, long maxPixels = ImageHeader.DefaultMaxPixels) =>
        ImageColumnKinds.Of(column, preprocessor.ImageSize) switch
        {
            ImageColumnKind.Image => new Images(row, column, preprocessor),
            ImageColumnKind.Bytes => new Bytes(row, column, preprocessor, maxPixels),
            ImageColumnKind.Path => new Paths(row, column, preprocessor, maxPixels),
            _ => new Planes(row, column, preprocessor),
        };

    /// <summary>Takes the present row's image; cheap.</summary>
    /// <exception cref="InvalidDataException">The row has no image.</exception>
    public abstract CapturedImage Capture();

    /// <summary>Takes the present row's image and prepares it at once.</summary>
    /// <param name="destination">Receives [3, S, S].</param>
    /// <exception cref="InvalidDataException">The row has no image, or one that cannot be decoded.</exception>
    public void Read(Span<float> destination)
    {
        using var image = Capture();
        image.Prepare(_preprocessor, destination);
    }

    private InvalidDataException Missing() => new($"Row {Row.Position} has no image in column '{Name}'.");

    private sealed class Images(DataViewRow row, DataViewSchema.Column column, ImagePreprocessor preprocessor) : ImageColumnReader(row, column, preprocessor)
    {
        private readonly ValueGetter<MLImage> _getter = row.GetGetter<MLImage>(column);
        private MLImage? _image;        // kept for the getter, which disposes it if it is its own; never disposed here, as it may be the user's

        public override CapturedImage Capture()
        {
            _getter(ref _image!);
            if (_image is null) throw Missing();
            var layout = ImagePixels.Layout(_image, $"of row {Row.Position}");
            var pixels = _image.Pixels;
            var rented = ArrayPool<byte>.Shared.Rent(pixels.Length);
            pixels.CopyTo(rented);
            return new CapturedPixels(rented, _image.Width, _image.Height, layout);
        }
    }

    private sealed class Bytes(DataViewRow row, DataViewSchema.Column column, ImagePreprocessor preprocessor, long maxPixels) : ImageColumnReader(row, column, preprocessor)
    {
        private readonly ValueGetter<VBuffer<byte>> _getter = row.GetGetter<VBuffer<byte>>(column);
        private VBuffer<byte> _bytes;

        public override CapturedImage Capture()
        {
            _getter(ref _bytes);
            if (_bytes.Length == 0) throw Missing();
            var rented = ArrayPool<byte>.Shared.Rent(_bytes.Length);
            _bytes.CopyTo(rented.AsSpan(0, _bytes.Length));
            return new CapturedBytes(rented, _bytes.Length, $"of row {Row.Position}", maxPixels);
        }
    }

    private sealed class Paths(DataViewRow row, DataViewSchema.Column column, ImagePreprocessor preprocessor, long maxPixels) : ImageColumnReader(row, column, preprocessor)
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        private ReadOnlyMemory<char> _path;

        public override CapturedImage Capture()
        {
            _getter(ref _path);
            return _path.IsEmpty ? throw Missing() : new CapturedPath(_path.ToString(), maxPixels);
        }
    }

    private sealed class Planes(DataViewRow row, DataViewSchema.Column column, ImagePreprocessor preprocessor) : ImageColumnReader(row, column, preprocessor)
    {
        private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
        private readonly int _length = preprocessor.Length;
        private VBuffer<float> _values;

        public override CapturedImage Capture()
        {
            _getter(ref _values);
            if (_values.Length != _length) throw Missing();
            var rented = ArrayPool<float>.Shared.Rent(_length);
            _values.CopyTo(rented.AsSpan(0, _length));
            return new CapturedPlanes(rented);
        }
    }
}
