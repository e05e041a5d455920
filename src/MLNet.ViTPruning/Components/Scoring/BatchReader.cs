using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Components;

/// <summary>Preprocessed images of consecutive rows.</summary>
/// <param name="Pixels">Normalised planar values, <c>[Count, 3, S, S]</c> at its start.</param>
/// <param name="Ids">The rows' ids.</param>
/// <param name="Shape"><c>[Count, 3, S, S]</c>.</param>
internal sealed record ImageBatch(float[] Pixels, DataViewRowId[] Ids, long[] Shape)
{
    public int Count => (int)Shape[0];

    /// <summary>The part of <see cref="Pixels"/> that is filled.</summary>
    public Memory<float> Values => Pixels.AsMemory(0, (int)Shape.Aggregate((a, b) => a * b));

    public required long First { get; init; }
}

/// <summary>Reads the image column of a data view in batches, decoding on this thread and preprocessing on several.</summary>
internal sealed class BatchReader : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly ImageColumnReader _image;
    private readonly ValueGetter<DataViewRowId> _getId;
    private readonly ImagePreprocessor _preprocessor;
    private readonly int _batchSize;
    private readonly ConcurrentBag<float[]> _free = [];
    private volatile bool _cancelled;

    public BatchReader(IDataView input, DataViewSchema.Column image, ImagePreprocessor preprocessor, int batchSize)
    {
        _preprocessor = preprocessor;
        _batchSize = batchSize;
        _cursor = input.GetRowCursor([image]);
        _image = ImageColumnReader.Create(_cursor, image, preprocessor);
        _getId = _cursor.GetIdGetter();
    }

    /// <summary>The next batch, or null after the last row.</summary>
    public ImageBatch? Read()
    {
        int size = _preprocessor.Length;
        var ids = new List<DataViewRowId>();
        var captured = new List<CapturedImage>();
        long first = -1;
        while (captured.Count < _batchSize && !_cancelled && _cursor.MoveNext())
        {
            if (first < 0) first = _cursor.Position;
            DataViewRowId id = default;
            _getId(ref id);
            ids.Add(id);
            captured.Add(_image.Capture());
        }
        if (captured.Count == 0) return null;
        if (!_free.TryTake(out var pixels)) pixels = new float[_batchSize * size];
        CapturedImages.Prepare(captured, _preprocessor, pixels);
        return new ImageBatch(pixels, [.. ids], [captured.Count, 3, _preprocessor.ImageSize, _preprocessor.ImageSize]) { First = first };
    }

    /// <summary>Takes back the buffer of a batch that is no longer read.</summary>
    public void Recycle(ImageBatch? batch)
    {
        if (batch is not null) _free.Add(batch.Pixels);
    }

    public void Cancel() => _cancelled = true;

    public void Dispose() => _cursor.Dispose();
}
