using System.Buffers;
using System.Numerics;

namespace MLNet.ViTPruning.Imaging.Resampling;

/// <summary>Resizes and crops as torch's <c>interpolate(mode="bicubic", align_corners=False, antialias=False)</c> followed by a clamp
/// to 0..255: cubic convolution with a = -0.75, half-pixel centres, edge pixels repeated, not rounded.</summary>
internal static class TorchBicubic
{
    private const float A = -0.75f;
    private const int Taps = 4;
    private const int Channels = 3;

    /// <param name="source">Interleaved RGB of the whole image.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="plan">The resized size and the crop.</param>
    /// <param name="planar">Values in 0..255, the planes R, G, B of Size * Size each.</param>
    public static void Resize(ReadOnlySpan<byte> source, int width, int height, CropPlan plan, Span<float> planar)
    {
        var rowLength = plan.Size * Channels;
        var rented = ArrayPool<float>.Shared.Rent((Taps + 1) * rowLength);
        try
        {
            var ring = rented.AsSpan(0, Taps * rowLength);          // input rows resized in width; four consecutive ones never share a place
            var sum = rented.AsSpan(Taps * rowLength, rowLength);
            Span<int> held = [-1, -1, -1, -1];
            Span<int> columns = plan.Size <= 1024 ? stackalloc int[plan.Size] : new int[plan.Size];
            var columnWeights = new float[plan.Size * Taps];
            for (var x = 0; x < plan.Size; x++)
                columns[x] = Position(plan.Left + x, width, plan.ResizedWidth, columnWeights.AsSpan(x * Taps, Taps));
            Span<float> rowWeights = stackalloc float[Taps];
            for (var y = 0; y < plan.Size; y++)
            {
                var row = Position(plan.Top + y, height, plan.ResizedHeight, rowWeights);
                sum.Clear();
                for (var k = 0; k < Taps; k++)
                {
                    var from = Math.Clamp(row + k, 0, height - 1);
                    var place = ring.Slice(from % Taps * rowLength, rowLength);
                    if (held[from % Taps] != from)
                    {
                        Row(source.Slice(from * width * Channels, width * Channels), width, columns, columnWeights, place);
                        held[from % Taps] = from;
                    }
                    AddScaled(place, rowWeights[k], sum);
                }
                Scatter(sum, y, plan.Size, planar);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>The first of the four inputs of an output position, and their weights. In single precision, as torch has it.</summary>
    private static int Position(long output, int inputSize, long outputSize, Span<float> weights)
    {
        var scale = (float)inputSize / outputSize;
        var at = scale * (output + 0.5f) - 0.5f;
        var floor = MathF.Floor(at);
        var t = Math.Clamp(at - floor, 0f, 1f);
        weights[0] = Far(t + 1);
        weights[1] = Near(t);
        weights[2] = Near(1 - t);
        weights[3] = Far(2 - t);
        return (int)floor - 1;
    }

    private static float Near(float x) => ((A + 2) * x - (A + 3)) * x * x + 1;

    private static float Far(float x) => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;

    private static void Row(ReadOnlySpan<byte> row, int width, ReadOnlySpan<int> columns, ReadOnlySpan<float> weights, Span<float> to)
    {
        for (var x = 0; x < columns.Length; x++)
        {
            float red = 0, green = 0, blue = 0;
            for (var k = 0; k < Taps; k++)
            {
                var pixel = row.Slice(Math.Clamp(columns[x] + k, 0, width - 1) * Channels, Channels);
                var weight = weights[x * Taps + k];
                red += pixel[0] * weight;
                green += pixel[1] * weight;
                blue += pixel[2] * weight;
            }
            (to[Channels * x], to[Channels * x + 1], to[Channels * x + 2]) = (red, green, blue);
        }
    }

    private static void AddScaled(ReadOnlySpan<float> row, float weight, Span<float> sum)
    {
        var x = 0;
        for (; x <= row.Length - Vector<float>.Count; x += Vector<float>.Count)
            (new Vector<float>(sum[x..]) + new Vector<float>(row[x..]) * weight).CopyTo(sum[x..]);
        for (; x < row.Length; x++) sum[x] += row[x] * weight;
    }

    private static void Scatter(ReadOnlySpan<float> row, int y, int size, Span<float> planar)
    {
        for (var c = 0; c < Channels; c++)
        {
            var to = planar.Slice((c * size + y) * size, size);
            for (var x = 0; x < size; x++) to[x] = Math.Clamp(row[Channels * x + c], 0f, 255f);
        }
    }
}
