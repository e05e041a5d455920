using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Tests.Training;

/// <summary>Generated images that tell themselves apart: image i begins with the bytes i % 256, i / 256.</summary>
internal sealed class TestImages(int count, int side = 8, int classes = 10) : ITrainingImages
{
    private int _reads;

    /// <summary>The image that cannot be read, or none.</summary>
    public int? Broken { get; init; }

    /// <summary>Time that reading an image takes beside its computation.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Images read so far.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public int Count => count;

    public int LabelOf(int index) => index % classes;

    public RgbImage Read(int index)
    {
        Interlocked.Increment(ref _reads);
        if (Delay > TimeSpan.Zero) Thread.Sleep(Delay);
        if (index == Broken) throw new InvalidDataException("The PNG is cut short in its header.");
        return Generated(index, side, side);
    }

    public static RgbImage Generated(int index, int width, int height)
    {
        var pixels = new byte[3 * width * height];
        new Random(index).NextBytes(pixels);
        (pixels[0], pixels[1]) = ((byte)index, (byte)(index >> 8));
        return new RgbImage(width, height, pixels);
    }

    /// <summary>A model that takes images of this size.</summary>
    public static ModelConfiguration Model(int size, Interpolation interpolation = Interpolation.BicubicTorch, int? shorterSide = null, int classes = 10) => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = size,
        PatchSize = size,
        NumClasses = classes,
        Stages = [],
        Preprocessing = new Preprocessing
        {
            Interpolation = interpolation,
            ResizeShorterSide = shorterSide,
            Mean = [0.5, 0.45, 0.4],
            Std = [0.25, 0.3, 0.35],
        },
    };
}
