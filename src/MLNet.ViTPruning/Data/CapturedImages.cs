using MLNet.ViTPruning.Imaging;

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
}
