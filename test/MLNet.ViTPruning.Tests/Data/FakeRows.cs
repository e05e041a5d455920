using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Data;

namespace MLNet.ViTPruning.Tests.Data;

/// <summary>Rows whose images are 1 x 1 pixels that hold the row's number; decoding is counted and can be made slow or faulty.</summary>
internal sealed class FakeRows(int count, Action<int>? onDecode = null, long bytes = 4) : IImageRows
{
    private int _decoded;
    private int _running;

    public int Decoded => Volatile.Read(ref _decoded);

    public int MostAtOnce { get; private set; }

    public int Count => count;

    public DataViewType ImageType { get; } = new ImageDataViewType();

    public bool DecodesAhead => true;

    public IReadOnlyList<SideColumn> SideColumns { get; } =
        [LabelColumn.Create("Label", [.. Enumerable.Range(0, 1000).Select(i => $"name {i}")], row => row % 1000)];

    public MLImage? Decode(int row, Func<long, bool>? mayHold)
    {
        if (mayHold is not null && !mayHold(bytes)) return null;
        lock (this) MostAtOnce = Math.Max(MostAtOnce, ++_running);
        try
        {
            Interlocked.Increment(ref _decoded);
            onDecode?.Invoke(row);
            return MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, [(byte)row, (byte)(row >> 8), 0, 255]);
        }
        finally
        {
            lock (this) _running--;
        }
    }

    public static int RowOf(MLImage image) => image.Pixels[0] | image.Pixels[1] << 8;
}
