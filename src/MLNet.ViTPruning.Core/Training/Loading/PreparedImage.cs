namespace MLNet.ViTPruning.Training.Loading;

/// <summary>One image as a thread leaves it: 8-bit planes, or planes that are already normalised. Its arrays are reused.</summary>
internal sealed class PreparedImage
{
    private byte[] _bytes = [];
    private float[] _values = [];
    private float[] _noise = [];

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Whether <see cref="Values"/> holds the image, normalised and of the model's size.</summary>
    public bool Normalised { get; private set; }

    /// <summary>Where random erasing takes something out, or null.</summary>
    public Erasure? Erasure { get; set; }

    /// <summary>Why there is no image.</summary>
    public Exception? Error { get; set; }

    /// <summary>8-bit planes R, G, B.</summary>
    public Span<byte> Bytes => _bytes.AsSpan(0, 3 * Width * Height);

    /// <summary>Normalised planes R, G, B.</summary>
    public Span<float> Values => _values.AsSpan(0, 3 * Width * Height);

    /// <summary>Makes room for 8-bit planes.</summary>
    public Span<byte> BeginBytes(int width, int height)
    {
        (Width, Height, Normalised) = (width, height, false);
        if (_bytes.Length < 3 * width * height) _bytes = GC.AllocateUninitializedArray<byte>(3 * width * height);
        return Bytes;
    }

    /// <summary>Room for so many numbers that fill an erased rectangle.</summary>
    public Memory<float> Noise(int count)
    {
        if (_noise.Length < count) _noise = GC.AllocateUninitializedArray<float>(count);
        return _noise.AsMemory(0, count);
    }

    /// <summary>Makes room for normalised planes.</summary>
    public Span<float> BeginValues(int size)
    {
        (Width, Height, Normalised) = (size, size, true);
        if (_values.Length < 3 * size * size) _values = GC.AllocateUninitializedArray<float>(3 * size * size);
        return Values;
    }
}

/// <summary>A rectangle that random erasing fills.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Noise">What fills it, planes of Height x Width in normalised units, or empty for zeros.</param>
internal sealed record Erasure(int Left, int Top, int Width, int Height, ReadOnlyMemory<float> Noise);
