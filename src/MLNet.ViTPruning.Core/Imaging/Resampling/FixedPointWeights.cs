namespace MLNet.ViTPruning.Imaging.Resampling;

/// <summary>One axis of an antialiased resize in 8-bit fixed point: for each output position of a crop, the run of input
/// positions it reads and their weights.</summary>
/// <remarks>The arithmetic is Pillow's for 8-bit images (a kernel stretched by the scale when it shrinks, weights that sum to one,
/// rounded to 22 fractional bits), so that results are equal to Pillow's.</remarks>
internal sealed class FixedPointWeights
{
    /// <summary>Fractional bits: 32 less 8 of a pixel and 2 for weights beyond 1 and the sign.</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    private readonly int[] _first;
    private readonly int[] _count;
    private readonly int[] _weights;
    private readonly int _stride;

    private FixedPointWeights(int[] first, int[] count, int[] weights, int stride) =>
        (_first, _count, _weights, _stride) = (first, count, weights, stride);

    /// <summary>Output positions.</summary>
    public int Length => _first.Length;

    /// <summary>The first input position that any output reads.</summary>
    public int InputStart => _first[0];

    /// <summary>One past the last input position that any output reads.</summary>
    public int InputEnd => _first[^1] + _count[^1];

    /// <summary>The first input position of an output position.</summary>
    public int First(int position) => _first[position];

    /// <summary>The weights of an output position, for consecutive inputs from <see cref="First"/> on.</summary>
    public ReadOnlySpan<int> Weights(int position) => _weights.AsSpan(position * _stride, _count[position]);

    /// <summary>The entries that the table of these sizes holds.</summary>
    public static long Entries(int inputSize, long outputSize, int length, Kernel kernel) => length * Taps(inputSize, outputSize, kernel);

    public static FixedPointWeights Create(int inputSize, long outputSize, long start, int length, Kernel kernel)
    {
        var scale = (double)inputSize / outputSize;
        var stretch = Math.Max(scale, 1.0);
        var support = kernel.Support() * stretch;
        var stride = checked((int)Math.Min(Taps(inputSize, outputSize, kernel), inputSize));
        var (first, count, weights) = (new int[length], new int[length], new int[checked(length * stride)]);
        var exact = new double[stride];
        for (var i = 0; i < length; i++)
        {
            var center = (start + i + 0.5) * scale;
            var from = Math.Max((int)(center - support + 0.5), 0);
            var n = (int)Math.Min(center + support + 0.5, inputSize) - from;
            var sum = 0.0;
            for (var k = 0; k < n; k++) sum += exact[k] = kernel.At((k + from - center + 0.5) * (1.0 / stretch));
            for (var k = 0; k < n; k++) weights[i * stride + k] = Round(sum == 0 ? exact[k] : exact[k] / sum);
            (first[i], count[i]) = (from, n);
        }
        return new(first, count, weights, stride);
    }

    private static long Taps(int inputSize, long outputSize, Kernel kernel) =>
        (long)Math.Ceiling(kernel.Support() * Math.Max((double)inputSize / outputSize, 1.0)) * 2 + 1;

    private static int Round(double weight) => (int)(weight * (1 << PrecisionBits) + (weight < 0 ? -0.5 : 0.5));
}
