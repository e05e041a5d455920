using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>The images a method looks at: rows of a data view drawn by seed, class by class.</summary>
/// <remarks>UP-ViTs scores on 2000 training images, equally many per class. Only the chosen rows are decoded.</remarks>
internal sealed class ProxySet : IProxyImages
{
    private const int ImagesOfFingerprint = 4;

    private readonly IDataView _input;
    private readonly DataViewSchema.Column _image;
    private readonly ImagePreprocessor _preprocessor;
    private readonly Device _device;
    private readonly IReadOnlyList<long> _rows;             // in the order of the draw
    private readonly Dictionary<long, int>? _labels;        // the model's class of each of them

    private ProxySet(IDataView input, ViTModel model, IReadOnlyList<long> rows, Dictionary<long, int>? labels, Device device)
    {
        _input = input;
        _image = input.Schema.GetColumnOrNull(model.Settings.ImageColumnName) ?? throw new InvalidOperationException(
            $"The column '{model.Settings.ImageColumnName}' is gone: keep it in the pipeline, and cache encoded images (vector of Byte) where a cache checkpoint dropped decoded ones.");
        _preprocessor = new ImagePreprocessor(model.Configuration.Preprocessing, model.Configuration.ImageSize);
        (_rows, _labels, _device) = (rows, labels, device);
    }

    /// <inheritdoc/>
    public int Count => _rows.Count;

    /// <summary>The rows that were drawn.</summary>
    public IReadOnlyList<long> Rows => _rows;

    /// <summary>The rows that were drawn, their classes and the pixels of the first few.</summary>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join(' ', _rows.Select(row => $"{row}:{_labels?[row]}"))));
            foreach (var batch in Read(ImagesOfFingerprint, ImagesOfFingerprint))
            {
                using var images = batch.Images;
                using var values = images.cpu();
                hash.AppendData(values.bytes);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <exception cref="ArgumentException">The labels are of other classes than the model's.</exception>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    public static ProxySet Draw(IDataView input, string labelColumnName, ViTModel model, int count, int seed, Device device)
    {
        var label = input.Schema.GetColumnOrNull(labelColumnName);
        var map = label is { } column ? LabelNames.Map(column, model.Configuration) : null;
        var classes = Classes(input, label, out bool isKey);
        var rows = ClassBalancedDraw.Choose(classes, count, seed);
        if (rows.Count == 0) throw new InvalidOperationException("The data has no rows; pruning needs images to score the channels on.");
        int ClassOf(ulong key) => key == 0 ? -1 : map is null ? (int)Math.Min(key - 1, int.MaxValue) : map[key - 1];    // keys count from 1, 0 is missing
        int Known(int index) => index < model.Configuration.NumClasses ? index : -1;
        return new ProxySet(input, model, rows, isKey ? rows.ToDictionary(row => row, row => Known(ClassOf(classes[(int)row]))) : null, device);
    }

    /// <summary>The images drawn first, normalised, in row order. Each batch <c>[B, 3, S, S]</c> is the receiver's.</summary>
    /// <param name="count">How many of them.</param>
    /// <param name="batchSize">Images of a batch.</param>
    public IEnumerable<ProxyBatch> Read(int count, int batchSize)
    {
        var wanted = _rows.Take(count).ToHashSet();
        using var cursor = _input.GetRowCursor([_image]);
        var reader = ImageColumnReader.Create(cursor, _image, _preprocessor);
        var captured = new List<CapturedImage>();
        var labels = new List<int>();
        int done = 0;
        bool more = true;
        while (more && done < wanted.Count)
        {
            captured.Clear();
            labels.Clear();
            while (captured.Count < batchSize && done + captured.Count < wanted.Count && (more = cursor.MoveNext()))
            {
                if (!wanted.Contains(cursor.Position)) continue;
                captured.Add(reader.Capture());
                labels.Add(_labels is null ? -1 : _labels[cursor.Position]);
            }
            if (captured.Count == 0) break;
            done += captured.Count;
            yield return new ProxyBatch(CapturedImages.ToTensor(captured, _preprocessor, _device), _labels is null ? null : labels.ToArray());    // [B, 3, S, S]
        }
    }

    // The class of each row: its key, or one class for all where there is no key column.
    private static List<ulong> Classes(IDataView input, DataViewSchema.Column? label, out bool isKey)
    {
        var classes = new List<ulong>();
        isKey = label?.Type is KeyDataViewType { RawType: var type } && type == typeof(uint);
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
