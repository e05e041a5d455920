using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>The images a method looks at: rows of a data view drawn by seed, class by class.</summary>
/// <remarks>UP-ViTs scores on 2000 training images, equally many per class. Only the chosen rows are decoded.</remarks>
internal sealed class ProxySet
{
    private readonly IDataView _input;
    private readonly DataViewSchema.Column _image;
    private readonly ImagePreprocessor _preprocessor;
    private readonly HashSet<long> _rows;

    private ProxySet(IDataView input, ViTModel model, HashSet<long> rows)
    {
        _input = input;
        _image = input.Schema.GetColumnOrNull(model.Settings.ImageColumnName) ?? throw new InvalidOperationException(
            $"The column '{model.Settings.ImageColumnName}' is gone: keep it in the pipeline, and cache encoded images (vector of Byte) where a cache checkpoint dropped decoded ones.");
        _preprocessor = new ImagePreprocessor(model.Configuration.Preprocessing, model.Configuration.ImageSize);
        _rows = rows;
    }

    /// <summary>How many images were drawn.</summary>
    public int Count => _rows.Count;

    /// <exception cref="ArgumentException">The labels are of other classes than the model's.</exception>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    public static ProxySet Draw(IDataView input, string labelColumnName, ViTModel model, int count, int seed)
    {
        var label = input.Schema.GetColumnOrNull(labelColumnName);
        if (label is { } column) LabelNames.Map(column, model.Configuration);
        var rows = ClassBalancedDraw.Choose(Classes(input, label), count, seed);
        if (rows.Count == 0) throw new InvalidOperationException("The data has no rows; pruning needs images to score the channels on.");
        return new ProxySet(input, model, rows);
    }

    /// <summary>The images, normalised, in row order. Each batch <c>[B, 3, S, S]</c> is the receiver's.</summary>
    public IEnumerable<Tensor> Batches(int batchSize, Device device, IProgress<double>? progress)
    {
        using var cursor = _input.GetRowCursor([_image]);
        var reader = ImageColumnReader.Create(cursor, _image, _preprocessor);
        var captured = new List<CapturedImage>();
        int done = 0;
        bool more = true;
        while (more && done < Count)
        {
            captured.Clear();
            while (captured.Count < batchSize && done + captured.Count < Count && (more = cursor.MoveNext()))
                if (_rows.Contains(cursor.Position)) captured.Add(reader.Capture());
            if (captured.Count == 0) break;
            yield return CapturedImages.ToTensor(captured, _preprocessor, device);    // [B, 3, S, S]
            done += captured.Count;
            progress?.Report((double)done / Count);
        }
    }

    // The class of each row: its key, or one class for all where there is no key column.
    private static List<ulong> Classes(IDataView input, DataViewSchema.Column? label)
    {
        var classes = new List<ulong>();
        bool isKey = label?.Type is KeyDataViewType { RawType: var type } && type == typeof(uint);
        using var cursor = input.GetRowCursor(isKey ? [label!.Value] : []);
        var getter = isKey ? cursor.GetGetter<uint>(label!.Value) : null;
        uint key = 0;
        while (cursor.MoveNext())
        {
            getter?.Invoke(ref key);
            classes.Add(key);
        }
        return classes;
    }
}
