using Microsoft.ML.Data;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Data;

internal static class ImagePixels
{
    /// <summary>The order of an image's bytes; both orders occur.</summary>
    /// <exception cref="InvalidDataException">The image has neither.</exception>
    public static PixelLayout Layout(MLImage image, string what) => image.PixelFormat switch
    {
        MLPixelFormat.Bgra32 => PixelLayout.Bgra32,
        MLPixelFormat.Rgba32 => PixelLayout.Rgba32,
        var other => throw new InvalidDataException($"The image {what} has the pixel format {other}; expected Bgra32 or Rgba32."),
    };
}
