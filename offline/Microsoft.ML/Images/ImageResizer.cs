using Microsoft.ML.Data;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Brings an image to another size: nearest neighbour for Fill, a smooth filter otherwise.</summary>
internal static class ImageResizer
{
    internal static MLImage Resize(MLImage source, int width, int height, ResizingKind resizing, Anchor anchor)
    {
        if (resizing == ResizingKind.Fill) return Nearest(source, width, height);

        double across = (double)width / source.Width, down = (double)height / source.Height;
        var scale = resizing == ResizingKind.IsoPad ? Math.Min(across, down) : Math.Max(across, down);
        // The scaled image is laid over the target: it leaves borders when padded and sticks out when cropped.
        double scaledWidth = source.Width * scale, scaledHeight = source.Height * scale;
        var pad = resizing == ResizingKind.IsoPad;
        var left = Place(width - scaledWidth, !pad && anchor == Anchor.Left, !pad && anchor == Anchor.Right);
        var top = Place(height - scaledHeight, !pad && anchor == Anchor.Top, !pad && anchor == Anchor.Bottom);
        return Smooth(source, width, height, scale, left, top);
    }

    private static double Place(double room, bool atStart, bool atEnd) => Math.Floor(atStart ? 0 : atEnd ? room : room / 2);

    private static MLImage Nearest(MLImage source, int width, int height)
    {
        var from = source.Pixels;
        var pixels = new byte[width * height * 4];
        for (var y = 0; y < height; y++)
        {
            var row = from[((int)((y + 0.5) * source.Height / height) * source.Width * 4)..];
            for (var x = 0; x < width; x++)
                row.Slice((int)((x + 0.5) * source.Width / width) * 4, 4).CopyTo(pixels.AsSpan((y * width + x) * 4));
        }
        return MLImage.Own(width, height, source.PixelFormat, pixels);
    }

    // A triangle filter that widens when shrinking, first across, then down; outside of the source stays transparent black.
    private static MLImage Smooth(MLImage source, int width, int height, double scale, double left, double top)
    {
        var columns = Taps(source.Width, width, scale, left);
        var rows = Taps(source.Height, height, scale, top);
        var from = source.Pixels;
        var narrowed = new float[source.Height * width * 4];
        for (var y = 0; y < source.Height; y++)
            for (var x = 0; x < width; x++)
                for (var i = 0; i < columns[x].Weights.Length; i++)
                {
                    var weight = columns[x].Weights[i];
                    int at = (y * source.Width + columns[x].Start + i) * 4, to = (y * width + x) * 4;
                    for (var c = 0; c < 4; c++) narrowed[to + c] += weight * from[at + c];
                }
        var pixels = new byte[width * height * 4];
        var sum = new float[width * 4];
        for (var y = 0; y < height; y++)
        {
            Array.Clear(sum);
            for (var i = 0; i < rows[y].Weights.Length; i++)
            {
                var weight = rows[y].Weights[i];
                var row = narrowed.AsSpan((rows[y].Start + i) * width * 4, width * 4);
                for (var x = 0; x < row.Length; x++) sum[x] += weight * row[x];
            }
            for (var x = 0; x < sum.Length; x++) pixels[y * sum.Length + x] = (byte)Math.Clamp((int)(sum[x] + 0.5f), 0, 255);
        }
        return MLImage.Own(width, height, source.PixelFormat, pixels);
    }

    private static (int Start, float[] Weights)[] Taps(int sourceSize, int size, double scale, double offset)
    {
        var taps = new (int, float[])[size];
        var radius = Math.Max(1, 1 / scale);
        for (var i = 0; i < size; i++)
        {
            var centre = (i + 0.5 - offset) / scale;
            if (centre < 0 || centre > sourceSize) // in the border
            {
                taps[i] = (0, []);
                continue;
            }
            var start = Math.Max(0, (int)(centre - radius + 0.5));
            var end = Math.Min(sourceSize, (int)(centre + radius + 0.5));
            var weights = new double[Math.Max(1, end - start)];
            start = Math.Min(start, sourceSize - weights.Length);
            for (var k = 0; k < weights.Length; k++) weights[k] = Math.Max(1e-9, 1 - Math.Abs(start + k + 0.5 - centre) / radius);
            var total = weights.Sum();
            taps[i] = (start, [.. weights.Select(w => (float)(w / total))]);
        }
        return taps;
    }
}
