using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Training.Augmentations;
using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Tests.Training.Augmentations;

[TestClass]
public class CropAndFlipTests
{
    private static ImageCanvas Canvas(RgbImage image)
    {
        var canvas = new ImageCanvas();
        canvas.Load(image);
        return canvas;
    }

    [TestMethod]
    public void PadAndCrop_EqualsAPaddedCopyCutOut()
    {
        const int width = 7, height = 5;
        foreach (int padding in new[] { 1, 4, 9 })
            for (int left = 0; left <= 2 * padding; left++)
                for (int top = 0; top <= 2 * padding; top++)
                {
                    var image = TestImages.Generated(left, width, height);
                    var canvas = Canvas(image);
                    CropAndFlip.PadAndCrop(canvas, padding, left, top);
                    for (int y = 0; y < height; y++)
                        for (int x = 0; x < width; x++)
                            for (int c = 0; c < 3; c++)
                            {
                                var (fromX, fromY) = (x + left - padding, y + top - padding);
                                bool inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
                                Assert.AreEqual(inside ? image.Pixels[(fromY * width + fromX) * 3 + c] : (byte)0, canvas.Pixels[(y * width + x) * 3 + c]);
                            }
                }
    }

    [TestMethod]
    public void PadAndCrop_AtThePaddingIsTheIdentity()
    {
        var image = TestImages.Generated(1, 9, 6);
        var canvas = Canvas(image);
        CropAndFlip.PadAndCrop(canvas, 4, 4, 4);
        CollectionAssert.AreEqual(image.Pixels.ToArray(), canvas.Pixels.ToArray());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void Flip_MirrorsAndTwiceIsTheIdentity(int width)
    {
        var image = TestImages.Generated(1, width, 3);
        var canvas = Canvas(image);
        CropAndFlip.Flip(canvas);
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    Assert.AreEqual(image.Pixels[(y * width + width - 1 - x) * 3 + c], canvas.Pixels[(y * width + x) * 3 + c]);
        CropAndFlip.Flip(canvas);
        CollectionAssert.AreEqual(image.Pixels.ToArray(), canvas.Pixels.ToArray());
    }

    [TestMethod]
    public void Crop_CutsOutARectangle()
    {
        var image = TestImages.Generated(1, 9, 6);
        var canvas = Canvas(image);
        canvas.Crop(2, 3, 4, 2);
        Assert.AreEqual((4, 2), (canvas.Width, canvas.Height));
        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 12; x++) Assert.AreEqual(image.Pixels[((y + 3) * 9 + 2) * 3 + x], canvas.Pixels[y * 12 + x]);
    }
}
