using System.Buffers;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Imaging.Resampling;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Training.Loading;

/// <summary>A decoded image in the smallest form that the device turns into the model's input: 8-bit planes, of the model's size where
/// Pillow's kernels make it, or of the image's own where the device resizes with torch's. Safe for concurrent use.</summary>
internal sealed class ImagePreparation
{
    private readonly int _size;
    private readonly Preprocessing _preprocessing;
    private readonly ImagePreprocessor _preprocessor;
    private readonly PillowResampler? _pillow;

    public ImagePreparation(ModelConfiguration configuration)
    {
        (_size, _preprocessing) = (configuration.ImageSize, configuration.Preprocessing);
        _preprocessor = new ImagePreprocessor(_preprocessing, _size);
        _pillow = _preprocessing.Interpolation switch
        {
            Interpolation.BicubicPillow => new PillowResampler(Kernel.Cubic),
            Interpolation.Bilinear => new PillowResampler(Kernel.Triangle),
            _ => null,
        };
    }

    /// <summary>The model's preprocessing, as far as it is not left to the device.</summary>
    public void Prepare(ImageCanvas canvas, PreparedImage image)
    {
        if (_pillow is null && !DeviceResizes(canvas.Width, canvas.Height))
        {
            _preprocessor.Run(canvas.Width, canvas.Height, canvas.Pixels, image.BeginValues(_size));
            return;
        }
        if (_pillow is not null) Resize(canvas, CropPlan.Create(canvas.Width, canvas.Height, _preprocessing.ResizeShorterSide, _size));
        PrepareAsIs(canvas, image);
    }

    /// <summary>The image as it is, of the model's size.</summary>
    public static void PrepareAsIs(ImageCanvas canvas, PreparedImage image) => canvas.CopyPlanes(image.BeginBytes(canvas.Width, canvas.Height));

    /// <summary>Resizes the whole image to the model's size with the model's kernel, in 8 bits.</summary>
    public void ResizeToModel(ImageCanvas canvas) => Resize(canvas, new CropPlan(_size, _size, 0, 0, _size));

    private bool DeviceResizes(int width, int height) => width <= _size && height <= _size
        && (_preprocessing.ResizeShorterSide is null || (width == _size && height == _size && _preprocessing.ResizeShorterSide == _size));

    private void Resize(ImageCanvas canvas, CropPlan plan)
    {
        if (canvas.Width == _size && canvas.Height == _size && plan.ResizedWidth == _size && plan.ResizedHeight == _size) return;
        var to = canvas.Next(_size, _size);
        if (_pillow is not null) _pillow.Resize(canvas.Pixels, canvas.Width, canvas.Height, plan, to);
        else ResizeAsTorch(canvas, plan, to);
        canvas.Swap(_size, _size);
    }

    private void ResizeAsTorch(ImageCanvas canvas, CropPlan plan, Span<byte> to)
    {
        int count = _size * _size;
        var rented = ArrayPool<float>.Shared.Rent(3 * count);
        try
        {
            TorchBicubic.Resize(canvas.Pixels, canvas.Width, canvas.Height, plan, rented);
            for (int c = 0; c < 3; c++)
                for (int i = 0; i < count; i++) to[3 * i + c] = (byte)(rented[c * count + i] + 0.5f);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }
}
