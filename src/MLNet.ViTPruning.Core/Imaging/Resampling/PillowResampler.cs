using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNet.ViTPruning.Imaging.Resampling;

/// <summary>Resizes and crops 8-bit RGB as Pillow does: rows first, then columns, rounded to 8 bits after each pass. A pass whose
/// size does not change is left out. Only what the crop needs is computed.</summary>
internal sealed class PillowResampler(Kernel kernel)
{
    private const int Half = 1 << (FixedPointWeights.PrecisionBits - 1);
    private const int Channels = 3;

    /// <summary>Rows that may wait between the passes, in bytes; only an image of absurd proportions needs more.</summary>
    private const long MaxIntermediateBytes = 1L << 30;

    private const long MaxWeights = 1L << 24;

    private readonly WeightCache _cache = new();

    /// <param name="source">Interleaved RGB of the whole image.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="plan">The resized size and the crop.</param>
    /// <param name="destination">Interleaved RGB, Size * Size * 3 bytes.</param>
    public void Resize(ReadOnlySpan<byte> source, int width, int height, CropPlan plan, Span<byte> destination)
    {
        var rowBytes = plan.Size * Channels;
        var vertical = Weights(height, plan.ResizedHeight, plan.Top, plan.Size);
        var horizontal = Weights(width, plan.ResizedWidth, plan.Left, plan.Size);
        var (start, end) = vertical is null ? ((int)plan.Top, (int)plan.Top + plan.Size) : (vertical.InputStart, vertical.InputEnd);
        if (vertical is null)
        {
            Rows(source, width, start, end, horizontal, (int)plan.Left, rowBytes, destination);
            return;
        }
        if ((long)(end - start) * rowBytes > MaxIntermediateBytes)
            throw TooElongated(height, plan.ResizedHeight);
        var rented = ArrayPool<byte>.Shared.Rent((end - start) * rowBytes);
        try
        {
            var rows = rented.AsSpan(0, (end - start) * rowBytes);
            Rows(source, width, start, end, horizontal, (int)plan.Left, rowBytes, rows);
            for (var y = 0; y < plan.Size; y++)
                Column(rows[((vertical.First(y) - start) * rowBytes)..], rowBytes, vertical.Weights(y), destination.Slice(y * rowBytes, rowBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private FixedPointWeights? Weights(int inputSize, long outputSize, long start, int length)
    {
        if (inputSize == outputSize) return null;
        if (FixedPointWeights.Entries(inputSize, outputSize, length, kernel) > MaxWeights) throw TooElongated(inputSize, outputSize);
        return _cache.Get(inputSize, outputSize, start, length, kernel);
    }

    private static InvalidDataException TooElongated(int inputSize, long outputSize) =>
        new($"The image is too elongated: a side of {inputSize} pixels cannot be resized to {outputSize}.");

    private static void Rows(ReadOnlySpan<byte> source, int width, int start, int end, FixedPointWeights? weights, int left, int rowBytes, Span<byte> rows)
    {
        for (var y = start; y < end; y++)
        {
            // From here on, not only this row: the four-byte reads below may touch the next row's first byte.
            var row = source[(y * width * Channels)..];
            var to = rows.Slice((y - start) * rowBytes, rowBytes);
            if (weights is null) row.Slice(left * Channels, rowBytes).CopyTo(to);
            else if (row.Length == width * Channels) LastRow(row, weights, to);
            else Row(row, weights, to);
        }
    }

    /// <summary>One row; the three channels of a pixel are summed as one vector.</summary>
    private static void Row(ReadOnlySpan<byte> row, FixedPointWeights weights, Span<byte> to)
    {
        for (var x = 0; x < weights.Length; x++)
        {
            var run = weights.Weights(x);
            var pixels = row.Slice(weights.First(x) * Channels, run.Length * Channels + 1);
            ref var pixel = ref MemoryMarshal.GetReference(pixels);
            var sum = Vector128.Create(Half);
            foreach (var weight in run)
            {
                var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
                sum += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * weight;
                pixel = ref Unsafe.Add(ref pixel, Channels);
            }
            sum = Vector128.Min(Vector128.Max(sum >> FixedPointWeights.PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));
            to[Channels * x] = (byte)sum[0];
            to[Channels * x + 1] = (byte)sum[1];
            to[Channels * x + 2] = (byte)sum[2];
        }
    }

    /// <summary>The same where no byte follows the row.</summary>
    private static void LastRow(ReadOnlySpan<byte> row, FixedPointWeights weights, Span<byte> to)
    {
        for (var x = 0; x < weights.Length; x++)
        {
            var run = weights.Weights(x);
            var pixels = row.Slice(weights.First(x) * Channels, run.Length * Channels);
            for (var c = 0; c < Channels; c++)
            {
                var sum = Half;
                for (var k = 0; k < run.Length; k++) sum += pixels[Channels * k + c] * run[k];
                to[Channels * x + c] = Clamp(sum);
            }
        }
    }

    /// <summary>One output row as the weighted sum of consecutive intermediate rows.</summary>
    private static void Column(ReadOnlySpan<byte> rows, int rowBytes, ReadOnlySpan<int> weights, Span<byte> to)
    {
        var x = 0;
        for (; x <= rowBytes - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            Vector<int> a = new(Half), b = a, c = a, d = a;
            for (var k = 0; k < weights.Length; k++)
            {
                Vector.Widen(new Vector<byte>(rows[(k * rowBytes + x)..]), out var low, out var high);
                Vector.Widen(low, out var first, out var second);
                Vector.Widen(high, out var third, out var fourth);
                var weight = new Vector<int>(weights[k]);
                a += Vector.AsVectorInt32(first) * weight;
                b += Vector.AsVectorInt32(second) * weight;
                c += Vector.AsVectorInt32(third) * weight;
                d += Vector.AsVectorInt32(fourth) * weight;
            }
            Vector.Narrow(Vector.Narrow(Clamp(a), Clamp(b)), Vector.Narrow(Clamp(c), Clamp(d))).CopyTo(to[x..]);
        }
        for (; x < rowBytes; x++)
        {
            var sum = Half;
            for (var k = 0; k < weights.Length; k++) sum += rows[k * rowBytes + x] * weights[k];
            to[x] = Clamp(sum);
        }
    }

    private static Vector<uint> Clamp(Vector<int> sum) =>
        Vector.AsVectorUInt32(Vector.Min(Vector.Max(sum >> FixedPointWeights.PrecisionBits, Vector<int>.Zero), new Vector<int>(255)));

    private static byte Clamp(int sum) => (byte)Math.Clamp(sum >> FixedPointWeights.PrecisionBits, 0, 255);
}
