using FsCheck;
using FsCheck.Fluent;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;

namespace MLNet.ViTPruning.Tests.Training.Augmentations;

[TestClass]
public class RandomBoxesTests
{
    private static readonly Gen<(int Width, int Height, int Seed)> Images =
        from width in Gen.Choose(1, 600)
        from height in Gen.Choose(1, 600)
        from seed in Gen.Choose(0, int.MaxValue)
        select (width, height, seed);

    private static CounterRandom Random(int seed) => new((ulong)seed, RandomPurpose.Image, 0);

    [TestMethod]
    public void Crop_LiesInsideAnyImage() => Prop.ForAll(Images.ToArbitrary(), image =>
    {
        var random = Random(image.Seed);
        var (left, top, width, height) = RandomBoxes.Crop(new RandomResizedCrop(), image.Width, image.Height, ref random);
        return left >= 0 && top >= 0 && width >= 1 && height >= 1 && left + width <= image.Width && top + height <= image.Height;
    }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Crop_HasAnAllowedAreaAndShape()
    {
        var options = new RandomResizedCrop { MinArea = 0.2, MaxArea = 0.6 };
        double least = 1, most = 0;
        for (int i = 0; i < 5000; i++)
        {
            var random = Random(i);
            var (_, _, width, height) = RandomBoxes.Crop(options, 300, 280, ref random);
            double share = width * height / (300.0 * 280), ratio = (double)width / height;
            Assert.IsTrue(share is > 0.195 and < 0.605 && ratio is > 0.74 and < 1.35, $"{width} x {height}");
            (least, most) = (Math.Min(least, share), Math.Max(most, share));
        }
        Assert.IsTrue(least < 0.21 && most > 0.59);
    }

    [TestMethod]
    [DataRow(300, 10, 13, 10)]      // 4/3 of the height
    [DataRow(10, 300, 10, 13)]
    public void Crop_OfAnElongatedImageIsItsMiddle(int width, int height, int cropWidth, int cropHeight)
    {
        // an area that no allowed shape has in this image
        var random = Random(1);
        var box = RandomBoxes.Crop(new RandomResizedCrop { MinArea = 0.9 }, width, height, ref random);
        Assert.AreEqual(((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight), box);
    }

    [TestMethod]
    public void Crop_OfTheWholeAreaInTheImagesShapeIsTheImage() => Prop.ForAll(Images.ToArbitrary(), image =>
    {
        double ratio = (double)image.Width / image.Height;
        var random = Random(image.Seed);
        var options = new RandomResizedCrop { MinArea = 1, MinAspectRatio = ratio, MaxAspectRatio = ratio };
        return RandomBoxes.Crop(options, image.Width, image.Height, ref random) == (0, 0, image.Width, image.Height);
    }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Erase_LiesInsideWithAnAllowedArea() => Prop.ForAll(Images.ToArbitrary(), image =>
    {
        var random = Random(image.Seed);
        int size = Math.Max(image.Width, 16);
        var erasure = RandomBoxes.Erase(new RandomErasing { Probability = 1 }, size, count => new float[count], ref random);
        if (erasure is null) return true;
        double share = (double)erasure.Width * erasure.Height / (size * size), rounding = (double)(erasure.Width + erasure.Height) / (size * size);
        return erasure.Left >= 0 && erasure.Top >= 0 && erasure.Left + erasure.Width <= size && erasure.Top + erasure.Height <= size
            && share >= 0.02 - rounding && share <= 1.0 / 3 + rounding && erasure.Noise.Length == 3 * erasure.Width * erasure.Height;
    }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Erase_HappensWithItsProbabilityAndFillsWithNoiseOrNothing()
    {
        int erased = 0, values = 0;
        double squares = 0;
        for (int i = 0; i < 4000; i++)
        {
            var random = Random(i);
            if (RandomBoxes.Erase(new RandomErasing(), 32, count => new float[count], ref random) is not { } erasure) continue;
            erased++;
            values += erasure.Noise.Length;
            foreach (float value in erasure.Noise.Span) squares += value * value;
            random = Random(i);
            Assert.IsTrue(RandomBoxes.Erase(new RandomErasing { Fill = ErasingFill.Zeros }, 32, _ => throw new InvalidOperationException(), ref random)!.Noise.IsEmpty);
        }
        Assert.AreEqual(0.25, erased / 4000.0, 0.03);
        Assert.AreEqual(1, squares / values, 0.02);
    }
}
