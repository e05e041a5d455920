using System.Runtime.InteropServices;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training.Loading;

/// <summary>Turns a filled buffer into the model's input on its device: uploads 8-bit planes, normalises, and resizes small ones as torch does.</summary>
/// <remarks>A resize is two matrix products, with the weights that torch's bicubic has for one axis: equal to it but for the order of
/// sums, and several times as fast as it on a CPU. A kernel's weights sum to one, so that normalising may come first, where there are fewer pixels.</remarks>
internal sealed class DeviceBatches : IDisposable
{
    private readonly ModelConfiguration _configuration;
    private readonly Device _device;
    private readonly Tensor _scale;     // [1, 3, 1, 1]
    private readonly Tensor _shift;     // [1, 3, 1, 1]
    private readonly Dictionary<int, Tensor> _weights = [];     // by the former size n: [S, n]

    public DeviceBatches(ModelConfiguration configuration, Device device)
    {
        (_configuration, _device) = (configuration, device);
        var (mean, std) = (configuration.Preprocessing.Mean, configuration.Preprocessing.Std);
        _scale = PerChannel(c => 1 / (255 * std[c]));
        _shift = PerChannel(c => -mean[c] / std[c]);
    }

    /// <returns>Normalised images <c>[B, 3, S, S]</c>, float32 on the device, the caller's.</returns>
    public Tensor Images(BatchBuffer buffer)
    {
        using var scope = NewDisposeScope();
        var images = Combine(buffer);                                                                       // [B, 3, S, S]
        for (int i = 0; i < buffer.Images.Length; i++)
            if (buffer.Images[i].Erasure is { } erasure) Erase(images.select(0, i), erasure);
        return images.DetachFromDisposeScope();
    }

    /// <returns>One-hot labels <c>[B, numClasses]</c>, float32 on the device, the caller's.</returns>
    public Tensor Targets(int[] labels)
    {
        using var scope = NewDisposeScope();
        var values = new float[labels.Length * _configuration.NumClasses];
        for (int i = 0; i < labels.Length; i++) values[i * _configuration.NumClasses + labels[i]] = 1;
        return Upload(MemoryMarshal.AsBytes(values.AsSpan()), [labels.Length, _configuration.NumClasses], ScalarType.Float32)
            .DetachFromDisposeScope();                                                                      // [B, K]
    }

    public void Dispose()
    {
        _scale.Dispose();
        _shift.Dispose();
        foreach (var weights in _weights.Values) weights.Dispose();
    }

    // Images of one kind and size go together, as all of a data set usually do; others one after the other.
    private Tensor Combine(BatchBuffer buffer)
    {
        var parts = new List<Tensor>();
        for (int from = 0, to; from < buffer.Images.Length; from = to)
        {
            var first = buffer.Images[from];
            for (to = from + 1; to < buffer.Images.Length && Alike(first, buffer.Images[to]); to++) { }
            parts.Add(Part(buffer.Images[from..to]));
        }
        return parts.Count == 1 ? parts[0] : cat(parts, 0);                                                 // [B, 3, S, S]
    }

    private void Erase(Tensor image, Erasure erasure)
    {
        var part = image.narrow(1, erasure.Top, erasure.Height).narrow(2, erasure.Left, erasure.Width);    // [3, h, w]
        if (erasure.Noise.IsEmpty) part.zero_();
        else part.copy_(Upload(MemoryMarshal.AsBytes(erasure.Noise.Span), [3, erasure.Height, erasure.Width], ScalarType.Float32));
    }

    private static bool Alike(PreparedImage a, PreparedImage b) => (a.Normalised, a.Width, a.Height) == (b.Normalised, b.Width, b.Height);

    private Tensor Part(ReadOnlySpan<PreparedImage> images)
    {
        var (width, height) = (images[0].Width, images[0].Height);
        long[] shape = [images.Length, 3, height, width];
        if (images[0].Normalised) return Upload(images, shape, ScalarType.Float32);                         // [b, 3, S, S]
        var pixels = Upload(images, shape, ScalarType.Byte).to_type(ScalarType.Float32).mul_(_scale).add_(_shift);   // [b, 3, h, w]
        int size = _configuration.ImageSize;
        return width == size && height == size ? pixels : Resize(pixels, width, height);                   // [b, 3, S, S]
    }

    private Tensor Resize(Tensor pixels, int width, int height)
    {
        var tall = Weights(height).matmul(pixels);                                                          // [b, 3, S, w]
        var resized = tall.matmul(Weights(width).t());                                                      // [b, 3, S, S]
        var (mean, std) = (_configuration.Preprocessing.Mean, _configuration.Preprocessing.Std);
        for (int c = 0; c < 3; c++) resized.select(1, c).clamp_(-mean[c] / std[c], (1 - mean[c]) / std[c]);  // the kernel overshoots
        return resized;
    }

    // What the kernel makes of unit vectors.
    private Tensor Weights(int length)
    {
        if (_weights.TryGetValue(length, out var known)) return known;
        var unit = eye(length, dtype: ScalarType.Float32).view(1, 1, length, length);
        var resized = nn.functional.interpolate(unit, [_configuration.ImageSize, length], mode: InterpolationMode.Bicubic, align_corners: false);
        return _weights[length] = resized[0, 0].to(_device, copy: true).DetachFromDisposeScope();           // [S, length]
    }

    private Tensor Upload(ReadOnlySpan<PreparedImage> images, long[] shape, ScalarType type)
    {
        var here = empty(shape, dtype: type);
        var to = here.bytes;
        int length = to.Length / images.Length;
        for (int i = 0; i < images.Length; i++)
            (type == ScalarType.Byte ? images[i].Bytes : MemoryMarshal.AsBytes(images[i].Values)).CopyTo(to.Slice(i * length, length));
        GC.KeepAlive(here);
        return here.to(_device);
    }

    private Tensor Upload(ReadOnlySpan<byte> bytes, long[] shape, ScalarType type)
    {
        var here = empty(shape, dtype: type);
        bytes.CopyTo(here.bytes);
        return here.to(_device);
    }

    private Tensor PerChannel(Func<int, double> value)
    {
        using var here = tensor([(float)value(0), (float)value(1), (float)value(2)], [1, 3, 1, 1]);
        return here.to(_device, copy: true).DetachFromDisposeScope();
    }
}
