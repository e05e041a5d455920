using System.Numerics;

namespace MLNet.ViTPruning.Imaging;

/// <summary>0..255 to a model's input range, one channel each: (v / 255 - mean) / std in single precision, as torchvision's
/// ToTensor and Normalize have it.</summary>
internal sealed class Normalization
{
    private readonly float[] _mean;
    private readonly float[] _std;
    private readonly float[][] _byValue;        // [channel][8-bit value]

    public Normalization(Preprocessing preprocessing)
    {
        _mean = [.. preprocessing.Mean.Select(v => (float)v)];
        _std = [.. preprocessing.Std.Select(v => (float)v)];
        _byValue = [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 256).Select(v => At(v, c)).ToArray())];
    }

    /// <summary>Interleaved 8-bit pixels to planes.</summary>
    public void Apply(ReadOnlySpan<byte> interleaved, Span<float> planar)
    {
        var count = planar.Length / 3;
        for (var c = 0; c < 3; c++)
        {
            var values = _byValue[c];
            var plane = planar.Slice(c * count, count);
            var from = interleaved[c..];
            for (var i = 0; i < plane.Length; i++) plane[i] = values[from[3 * i]];
        }
    }

    /// <summary>Planes of values 0..255 to normalised planes; both may be the same memory.</summary>
    public void Apply(ReadOnlySpan<float> source, Span<float> destination)
    {
        var count = source.Length / 3;
        for (var c = 0; c < 3; c++)
        {
            var from = source.Slice(c * count, count);
            var to = destination.Slice(c * count, count);
            var i = 0;
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
                ((new Vector<float>(from[i..]) / new Vector<float>(255f) - new Vector<float>(_mean[c])) / new Vector<float>(_std[c])).CopyTo(to[i..]);
            for (; i < count; i++) to[i] = At(from[i], c);
        }
    }

    private float At(float value, int channel) => (value / 255f - _mean[channel]) / _std[channel];
}
