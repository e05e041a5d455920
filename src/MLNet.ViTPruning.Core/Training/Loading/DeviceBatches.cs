using System.Runtime.InteropServices;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training.Loading;

/// <summary>Turns a filled buffer into the model's input on its device: uploads 8-bit planes, resizes small ones as torch does, normalises.</summary>
internal sealed class DeviceBatches : IDisposable
{
    private readonly ModelConfiguration _configuration;
    private readonly Device _device;
    private readonly Tensor _scale;     // [1, 3, 1, 1]
    private readonly Tensor _shift;     // [1, 3, 1, 1]

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
        var pixels = Upload(images, shape, ScalarType.Byte).to_type(ScalarType.Float32);                    // [b, 3, h, w]
        int size = _configuration.ImageSize;
        if (width != size || height != size)
            pixels = nn.functional.interpolate(pixels, [size, size], mode: InterpolationMode.Bicubic, align_corners: false).clamp_(0, 255);    // [b, 3, S, S]
        return pixels.mul_(_scale).add_(_shift);
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
