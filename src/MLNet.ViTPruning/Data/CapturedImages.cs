using MLNet.ViTPruning.Imaging;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Data;

/// <summary>Prepares several captured images at once.</summary>
internal static class CapturedImages
{
    /// <summary>Decodes, resizes, crops and normalises on several threads, and disposes the images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="preprocessor">The model's.</param>
    /// <param name="destination">Receives <c>[images.Count, 3, S, S]</c> at its start.</param>
    /// <exception cref="InvalidDataException">An image cannot be decoded.</exception>
    public static void Prepare(IReadOnlyList<CapturedImage> images, ImagePreprocessor preprocessor, float[] destination)
    {
        int size = preprocessor.Length;
        try
        {
            if (images.Count == 1) images[0].Prepare(preprocessor, destination.AsSpan(0, size));
            else Parallel.For(0, images.Count, i => images[i].Prepare(preprocessor, destination.AsSpan(i * size, size)));
        }
        catch (AggregateException e) when (e.InnerExceptions.Count > 0)
        {
            // The first broken image is the one to name, as if they had been read one by one.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        finally
        {
            foreach (var image in images) image.Dispose();
        }
    }

    /// <summary>The same as a tensor that shares no buffer.</summary>
    /// <param name="images">The images.</param>
    /// <param name="preprocessor">The model's.</param>
    /// <param name="device">Where the tensor goes.</param>
    /// <returns><c>[images.Count, 3, S, S]</c>, in no dispose scope, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">An image cannot be decoded.</exception>
    public static Tensor ToTensor(IReadOnlyList<CapturedImage> images, ImagePreprocessor preprocessor, Device device)
    {
        var pixels = new float[images.Count * preprocessor.Length];
        Prepare(images, preprocessor, pixels);
        using var scope = NewDisposeScope();
        return tensor(pixels.AsMemory(), [images.Count, 3, preprocessor.ImageSize, preprocessor.ImageSize]).to(device).DetachFromDisposeScope();    // [B, 3, S, S]
    }
}
