using System.Buffers;
using MLNet.ViTPruning.Imaging.Resampling;

namespace MLNet.ViTPruning.Imaging;

/// <summary>Turns images of any size into a model's input: resize, crop at the centre, normalise, [3, S, S].</summary>
/// <remarks>The resize rule is timm's and torchvision's: the shorter side to
/// <see cref="Preprocessing.ResizeShorterSide"/> with the longer one cut down to an integer, then the central S x S; without that side
/// the whole image straight to S x S. An axis that already has its size is not resampled. Safe for concurrent use; one call runs on
/// the caller's thread alone, so run several images on several threads.</remarks>
public sealed class ImagePreprocessor
{
    private readonly Normalization _normalization;
    private readonly PillowResampler? _resampler;               // null: torch's bicubic

    /// <param name="preprocessing">Kernel, resize rule and channel statistics; they belong to the model.</param>
    /// <param name="imageSize">Side S of the model's square input, in pixels, 1 to 16384.</param>
    /// <exception cref="ArgumentException">A value is out of range, or the shorter side is below the input size, which
    /// would leave a frame around the image. All faults are named at once.</exception>
    public ImagePreprocessor(Preprocessing preprocessing, int imageSize)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        var faults = preprocessing.Faults().ToList();
        if (imageSize is < 1 or > 1 << 14) faults.Add($"imageSize is {imageSize}; expected 1 to 16384.");
        if (preprocessing.ResizeShorterSide < imageSize)
            faults.Add($"preprocessing.resizeShorterSide is {preprocessing.ResizeShorterSide}; "
                + $"expected at least the input size, {imageSize}, or none to resize straight to it.");
        if (faults.Count > 0) throw new ArgumentException(string.Join(' ', faults), nameof(preprocessing));
        (Preprocessing, ImageSize) = (preprocessing, imageSize);
        _normalization = new Normalization(preprocessing);
        _resampler = preprocessing.Interpolation switch
        {
            Interpolation.BicubicPillow => new PillowResampler(Kernel.Cubic),
            Interpolation.Bilinear => new PillowResampler(Kernel.Triangle),
            _ => null,
        };
    }

    /// <summary>What is done to an image.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Side S of the model's square input, in pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Values of one prepared image: 3 * S * S.</summary>
    public int Length => 3 * ImageSize * ImageSize;

    /// <summary>Prepares a decoded image.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <param name="destination">Receives [3, S, S]: the normalised planes R, G, B. Its length must be <see cref="Length"/>.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="InvalidDataException">The image is so elongated (millions of rows) that resizing it needs over 1 GiB.</exception>
    public void Run(RgbImage image, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(image);
        Run(image.Width, image.Height, image.Pixels, destination);
    }

    /// <summary>Prepares interleaved RGB pixels.</summary>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="rgb">width * height * 3 bytes.</param>
    /// <param name="destination">Receives [3, S, S]: the normalised planes R, G, B. Its length must be <see cref="Length"/>.</param>
    /// <exception cref="ArgumentException">A size does not fit.</exception>
    /// <exception cref="InvalidDataException">The image is so elongated (millions of rows) that resizing it needs over 1 GiB.</exception>
    public void Run(int width, int height, ReadOnlySpan<byte> rgb, Span<float> destination)
    {
        PixelConversion.CheckSize(width, height, rgb.Length, 3, nameof(rgb));
        CheckLength(destination.Length, nameof(destination));
        var plan = CropPlan.Create(width, height, Preprocessing.ResizeShorterSide, ImageSize);
        if (_resampler is null)
        {
            TorchBicubic.Resize(rgb, width, height, plan, destination);
            _normalization.Apply(destination, destination);
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(Length);
        try
        {
            var pixels = rented.AsSpan(0, Length);
            _resampler.Resize(rgb, width, height, plan, pixels);
            _normalization.Apply(pixels, destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Normalises an image that already has the model's size.</summary>
    /// <param name="planar">[3, S, S]: the planes R, G, B with values 0..255.</param>
    /// <param name="destination">Receives [3, S, S]; may be the same memory. Its length must be <see cref="Length"/>.</param>
    /// <exception cref="ArgumentException">A length differs from <see cref="Length"/>: planar columns are not resized.</exception>
    public void Normalize(ReadOnlySpan<float> planar, Span<float> destination)
    {
        CheckLength(planar.Length, nameof(planar));
        CheckLength(destination.Length, nameof(destination));
        _normalization.Apply(planar, destination);
    }

    private void CheckLength(int length, string parameter)
    {
        if (length != Length)
            throw new ArgumentException($"{parameter} has {length} values; expected {Length} (3 x {ImageSize} x {ImageSize}).", parameter);
    }
}
