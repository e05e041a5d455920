using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Components;

/// <summary>Labelled images of a data view, taken in one pass over its rows and then read in any order by several threads.</summary>
/// <remarks>Paths are kept as paths and encoded images as they are: they are decoded each time they are read, on the reader's thread. Decoded
/// images are kept as RGB. Planar values are kept as RGB too, which needs whole numbers from 0 to 255.</remarks>
internal sealed class TrainingImageStore : ITrainingImages, IDisposable
{
    private readonly List<int> _labels = [];
    private readonly List<long> _rows = [];
    private readonly List<string> _paths = [];
    private readonly List<(int Width, int Height)> _sizes = [];
    private readonly SpillBuffer _bytes;
    private long _maxPixels = ImageHeader.DefaultMaxPixels;

    private TrainingImageStore(SpillBuffer bytes) => _bytes = bytes;

    public int Count => _labels.Count;

    /// <summary>The class of each image.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Bytes that went to the temporary file.</summary>
    public long SpilledBytes => _bytes.SpilledBytes;

    /// <summary>Reads labels and images of rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="columns">Their columns, checked.</param>
    /// <param name="preprocessor">The model's.</param>
    /// <param name="bytes">Receives what is no path; owned by the store.</param>
    /// <param name="cancellationToken">Ends the reading: what was read so far is the result.</param>
    /// <param name="wanted">The rows to read, or null for all.</param>
    /// <exception cref="InvalidDataException">A row has no label, one that the model has no class for, or no image.</exception>
    /// <exception cref="IOException">The temporary file cannot be written.</exception>
    public static TrainingImageStore Read(
        IDataView data, TrainingColumns columns, ImagePreprocessor preprocessor, SpillBuffer bytes, CancellationToken cancellationToken, IReadOnlySet<long>? wanted = null)
    {
        var store = new TrainingImageStore(bytes);
        try
        {
            store.ReadRows(data, columns, preprocessor, wanted, cancellationToken);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public int LabelOf(int index) => _labels[index];

    public RgbImage Read(int index)
    {
        if (_paths.Count > 0) return ImageDecoding.DecodeFileRgb(_paths[index], _maxPixels);
        var bytes = _bytes.Read(index);
        if (_sizes.Count > 0) return new RgbImage(_sizes[index].Width, _sizes[index].Height, bytes);
        return ImageDecoding.DecodeRgb(bytes, bytes.Length, $"of row {_rows[index]}", _maxPixels);
    }

    public void Dispose() => _bytes.Dispose();

    private void ReadRows(IDataView data, TrainingColumns columns, ImagePreprocessor preprocessor, IReadOnlySet<long>? wanted, CancellationToken cancellationToken)
    {
        _maxPixels = columns.MaxPixels;
        using var cursor = data.GetRowCursor([columns.Label, columns.Image]);
        var reader = ImageColumnReader.Create(cursor, columns.Image, preprocessor, _maxPixels);
        var label = cursor.GetGetter<uint>(columns.Label);
        uint key = 0;
        while (!cancellationToken.IsCancellationRequested && cursor.MoveNext())
        {
            if (wanted?.Contains(cursor.Position) == false) continue;
            label(ref key);
            using var image = reader.Capture();
            Add(image, preprocessor.ImageSize, cursor.Position);
            _labels.Add(columns.ClassOf(key, cursor.Position));
            _rows.Add(cursor.Position);
        }
    }

    private void Add(CapturedImage image, int side, long row)
    {
        switch (image)
        {
            case CapturedPath file:
                _paths.Add(file.Path);
                break;
            case CapturedBytes encoded:
                _bytes.Add(encoded.Encoded);
                break;
            case CapturedPixels pixels:
                Add(pixels.ToRgb());
                break;
            case CapturedPlanes planes:
                Add(PlanarPixels.ToRgb(planes.Values(3 * side * side), side, row));
                break;
            default:
                throw new System.Diagnostics.UnreachableException(image.GetType().Name);
        }
    }

    private void Add(RgbImage image)
    {
        _bytes.Add(image.Pixels);
        _sizes.Add((image.Width, image.Height));
    }
}
