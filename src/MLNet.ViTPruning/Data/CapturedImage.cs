using System.Buffers;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Data;

/// <summary>An image taken from a row, independent of the row's cursor. Preparing it is the costly part and may be done on any thread, once.</summary>
/// <remarks>Dispose it when it was prepared, or is not going to be: its memory goes back to a pool.</remarks>
internal abstract class CapturedImage : IDisposable
{
    /// <summary>Decodes if need be, resizes, crops and normalises.</summary>
    /// <param name="preprocessor">The model's.</param>
    /// <param name="destination">Receives [3, S, S].</param>
    /// <exception cref="InvalidDataException">The image cannot be decoded.</exception>
    public abstract void Prepare(ImagePreprocessor preprocessor, Span<float> destination);

    public virtual void Dispose()
    {
    }
}

/// <summary>Decoded pixels.</summary>
internal sealed class CapturedPixels(byte[] rented, int width, int height, PixelLayout layout) : CapturedImage
{
    private byte[]? _rented = rented;

    /// <summary>The pixels as a copy of their own.</summary>
    public RgbImage ToRgb()
    {
        ObjectDisposedException.ThrowIf(_rented is null, this);
        return RgbImage.From(width, height, layout, _rented.AsSpan(0, 4 * width * height));
    }

    public override void Prepare(ImagePreprocessor preprocessor, Span<float> destination)
    {
        ObjectDisposedException.ThrowIf(_rented is null, this);
        Prepare(_rented.AsSpan(0, 4 * width * height), width, height, layout, preprocessor, destination);
    }

    public static void Prepare(ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, ImagePreprocessor preprocessor, Span<float> destination)
    {
        var rgb = ArrayPool<byte>.Shared.Rent(3 * width * height);
        try
        {
            PixelConversion.ToRgb(pixels, layout, rgb.AsSpan(0, 3 * width * height));
            preprocessor.Run(width, height, rgb.AsSpan(0, 3 * width * height), destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgb);
        }
    }

    public override void Dispose() => Pool.Return(ref _rented);
}

/// <summary>An encoded image in memory.</summary>
internal sealed class CapturedBytes(byte[] rented, int length, string what, long maxPixels) : CapturedImage
{
    private byte[]? _rented = rented;

    /// <summary>The file's bytes, until this is disposed.</summary>
    public ReadOnlySpan<byte> Encoded => _rented.AsSpan(0, length);

    public override void Prepare(ImagePreprocessor preprocessor, Span<float> destination)
    {
        ObjectDisposedException.ThrowIf(_rented is null, this);
        using var image = ImageDecoding.Decode(_rented, length, what, maxPixels)!;
        CapturedPixels.Prepare(image.Pixels, image.Width, image.Height, ImagePixels.Layout(image, what), preprocessor, destination);
    }

    public override void Dispose() => Pool.Return(ref _rented);
}

/// <summary>An image file.</summary>
internal sealed class CapturedPath(string path, long maxPixels) : CapturedImage
{
    public string Path => path;

    public override void Prepare(ImagePreprocessor preprocessor, Span<float> destination)
    {
        using var image = ImageDecoding.DecodeFile(path, maxPixels)!;
        CapturedPixels.Prepare(image.Pixels, image.Width, image.Height, ImagePixels.Layout(image, path), preprocessor, destination);
    }
}

/// <summary>Planes of values 0..255 that have the model's size.</summary>
internal sealed class CapturedPlanes(float[] rented) : CapturedImage
{
    private float[]? _rented = rented;

    /// <summary>The values <c>[3, S, S]</c>, until this is disposed.</summary>
    /// <param name="length">3 * S * S.</param>
    public ReadOnlySpan<float> Values(int length) => _rented.AsSpan(0, length);

    public override void Prepare(ImagePreprocessor preprocessor, Span<float> destination)
    {
        ObjectDisposedException.ThrowIf(_rented is null, this);
        preprocessor.Normalize(_rented.AsSpan(0, preprocessor.Length), destination);
    }

    public override void Dispose() => Pool.Return(ref _rented);
}

internal static class Pool
{
    /// <summary>Gives an array back once.</summary>
    public static void Return<T>(ref T[]? rented)
    {
        if (Interlocked.Exchange(ref rented, null) is { } array) ArrayPool<T>.Shared.Return(array);
    }
}
