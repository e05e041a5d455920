namespace Microsoft.ML.Data;

/// <summary>An image of 32 bits a pixel in memory. It owns its pixels until disposed; any thread may read it.</summary>
public sealed class MLImage : IDisposable
{
    private readonly int _width, _height;
    private readonly MLPixelFormat _format;
    private byte[] _pixels; // null once disposed

    private MLImage(int width, int height, MLPixelFormat format, byte[] pixels) =>
        (_width, _height, _format, _pixels) = (width, height, format, pixels);

    public int Width => Undisposed(_width);
    public int Height => Undisposed(_height);
    public MLPixelFormat PixelFormat => Undisposed(_format);
    public int BitsPerPixel => Undisposed(32);

    /// <summary>A free text; image loaders put the path here.</summary>
    public string Tag { get; set; }

    /// <summary>The pixels row by row from the top, in <see cref="PixelFormat"/>, valid until the image is disposed.</summary>
    public ReadOnlySpan<byte> Pixels => Undisposed(_pixels);

    /// <summary>A new array of three bytes a pixel, blue first.</summary>
    public byte[] GetBGRPixels
    {
        get
        {
            var from = Undisposed(_pixels);
            var blue = _format == MLPixelFormat.Bgra32 ? 0 : 2;
            var bgr = GC.AllocateUninitializedArray<byte>(_width * _height * 3);
            for (int i = 0, to = 0; to < bgr.Length; i += 4, to += 3)
                (bgr[to], bgr[to + 1], bgr[to + 2]) = (from[i + blue], from[i + 1], from[i + 2 - blue]);
            return bgr;
        }
    }

    public static MLImage CreateFromStream(Stream imageStream)
    {
        ArgumentNullException.ThrowIfNull(imageStream);
        if (imageStream is MemoryStream memory && memory.TryGetBuffer(out var buffer))
        {
            var rest = buffer.AsSpan(checked((int)Math.Min(memory.Position, memory.Length)));
            memory.Position = memory.Length;
            return Decode(rest, "The stream holds no image that can be decoded", nameof(imageStream));
        }
        using var copy = new MemoryStream(imageStream.CanSeek ? (int)Math.Clamp(imageStream.Length - imageStream.Position, 0, 1 << 24) : 0);
        imageStream.CopyTo(copy);
        return Decode(copy.GetBuffer().AsSpan(0, (int)copy.Length), "The stream holds no image that can be decoded", nameof(imageStream));
    }

    public static MLImage CreateFromFile(string imagePath)
    {
        ArgumentNullException.ThrowIfNull(imagePath);
        if (!File.Exists(imagePath)) throw new ArgumentException($"There is no image file '{imagePath}'.", nameof(imagePath));
        return Decode(File.ReadAllBytes(imagePath), $"The file '{imagePath}' holds no image that can be decoded", nameof(imagePath));
    }

    public static MLImage CreateFromPixels(int width, int height, MLPixelFormat pixelFormat, ReadOnlySpan<byte> imagePixelData)
    {
        if (pixelFormat is not (MLPixelFormat.Bgra32 or MLPixelFormat.Rgba32))
            throw new ArgumentException($"The pixel format {pixelFormat} is unsupported; use Bgra32 or Rgba32.", nameof(pixelFormat));
        if (ImageDecoder.Refusal(width, height) is { } refusal)
            throw new ArgumentException($"An image cannot be created: {refusal}.", width <= 0 ? nameof(width) : nameof(height));
        if (imagePixelData.Length != width * height * 4)
            throw new ArgumentException($"{imagePixelData.Length} bytes were given for {width} x {height} pixels of 4 bytes.", nameof(imagePixelData));
        return new MLImage(width, height, pixelFormat, imagePixelData.ToArray());
    }

    /// <summary>Writes the image in the format of the extension: .png, .jpg or .jpeg.</summary>
    public void Save(string imagePath)
    {
        var pixels = Undisposed(_pixels);
        ArgumentNullException.ThrowIfNull(imagePath);
        var extension = Path.GetExtension(imagePath).ToLowerInvariant();
        if (extension is not (".png" or ".jpg" or ".jpeg"))
            throw new ArgumentException($"'{imagePath}' has no extension of an image format that can be written; use .png, .jpg or .jpeg.", nameof(imagePath));
        File.WriteAllBytes(imagePath, NativeImages.Encode(extension != ".png", pixels, _width, _height, _format));
    }

    public void Dispose() => _pixels = null;

    /// <summary>Takes the array over instead of copying it.</summary>
    internal static MLImage Own(int width, int height, MLPixelFormat format, byte[] pixels) => new(width, height, format, pixels);

    private static MLImage Decode(ReadOnlySpan<byte> file, string fault, string parameter)
    {
        var pixels = ImageDecoder.Decode(file, out var width, out var height, out var error);
        return pixels != null
            ? new MLImage(width, height, MLPixelFormat.Bgra32, pixels)
            : throw new ArgumentException($"{fault}: {error}.", parameter);
    }

    private T Undisposed<T>(T value) => _pixels != null ? value : throw new InvalidOperationException("The image is disposed.");
}
