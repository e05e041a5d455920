using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Who disposes images that a cursor makes.</summary>
internal static class ImageGetters
{
    /// <summary>A getter that disposes the image its caller hands in before it puts a new one there; the last one made goes with the
    /// cursor. So an image lives until the next row is read into the same variable: who wants it longer copies it.</summary>
    internal static ValueGetter<MLImage> Make(Func<MLImage> next, out Action disposer)
    {
        MLImage last = null;
        disposer = () => last?.Dispose();
        return (ref MLImage image) =>
        {
            image?.Dispose();
            image = last = next();
        };
    }
}
