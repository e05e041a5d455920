using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Training.Loading;

/// <summary>One image that is changed step by step: two buffers that take turns, so that nothing is allocated per image. One thread's.</summary>
internal sealed class ImageCanvas
{
    private byte[] _pixels = [];
    private byte[] _next = [];

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Interleaved RGB.</summary>
    public Span<byte> Pixels => _pixels.AsSpan(0, Width * Height * 3);

    /// <summary>Takes an image's pixels.</summary>
    public void Load(RgbImage image)
    {
        image.Pixels.CopyTo(Next(image.Width, image.Height));
        Swap(image.Width, image.Height);
    }

    /// <summary>Where the next image of this size is written, of undefined content; <see cref="Swap"/> then makes it the present one.</summary>
    public Span<byte> Next(int width, int height)
    {
        int length = checked(width * height * 3);
        if (_next.Length < length) _next = GC.AllocateUninitializedArray<byte>(length);
        return _next.AsSpan(0, length);
    }

    /// <summary>Makes what was written to <see cref="Next"/> the present image.</summary>
    public void Swap(int width, int height)
    {
        (_pixels, _next) = (_next, _pixels);
        (Width, Height) = (width, height);
    }

    /// <summary>Cuts out a rectangle that lies inside the image.</summary>
    public void Crop(int left, int top, int width, int height)
    {
        var to = Next(width, height);
        for (int y = 0; y < height; y++)
            Pixels.Slice(((top + y) * Width + left) * 3, width * 3).CopyTo(to.Slice(y * width * 3, width * 3));
        Swap(width, height);
    }

    /// <summary>The image as planes R, G, B.</summary>
    public void CopyPlanes(Span<byte> planar)
    {
        int count = Width * Height;
        for (int c = 0; c < 3; c++)
        {
            var plane = planar.Slice(c * count, count);
            var from = Pixels[c..];
            for (int i = 0; i < plane.Length; i++) plane[i] = from[3 * i];
        }
    }
}
