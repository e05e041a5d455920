using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Images of CIFAR-100 as a model wants them.</summary>
internal static class CifarImages
{
    /// <summary>Reads some images.</summary>
    /// <param name="set">The images.</param>
    /// <param name="model">The model.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <returns>Normalised images <c>[count, 3, S, S]</c>, owned by the caller.</returns>
    public static Tensor Read(Cifar100Set set, ModelConfiguration model, int first, int count)
    {
        var preprocessor = new ImagePreprocessor(model.Preprocessing, model.ImageSize);
        float[] values = new float[count * preprocessor.Length];
        byte[] planar = new byte[Cifar100Binary.ImageBytes];
        for (int i = 0; i < count; i++)
        {
            set.Read(first + i, planar);
            preprocessor.Run(RgbImage.FromPlanar(Cifar100Binary.Side, Cifar100Binary.Side, planar), values.AsSpan(i * preprocessor.Length, preprocessor.Length));
        }
        return tensor(values, [count, 3, preprocessor.ImageSize, preprocessor.ImageSize]);
    }
}
