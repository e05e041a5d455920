using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Images;

[TestClass]
public class ImageKindTests
{
    [TestMethod]
    [DataRow("progressive.jpg", 4)]
    [DataRow("cmyk.jpg", 4)]
    [DataRow("palette.png", 0)]
    [DataRow("palette.bmp", 0)]
    [DataRow("interlaced.png", 0)]
    [DataRow("sixteen-bits.png", 0)]
    public void ColourFiles_ShowTheirColours(string name, int tolerance) => AssertSquares(name, ImageFixtures.Colours, tolerance);

    [TestMethod]
    [DataRow("gray.jpg", 3)]
    [DataRow("gray.png", 1)]
    public void GrayFiles_ShowTheirLuma(string name, int tolerance)
    {
        byte[] luma = [.. ImageFixtures.Colours.Select(c => (byte)Math.Round(0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]))];
        AssertSquares(name, [.. luma.Select(v => new[] { v, v, v })], tolerance);
    }

    private static void AssertSquares(string name, byte[][] colours, int tolerance)
    {
        using var image = MLImage.CreateFromStream(new MemoryStream(Convert.FromBase64String(ImageFixtures.Files[name])));
        Assert.AreEqual((16, 16, 32), (image.Width, image.Height, image.BitsPerPixel));
        var bgr = image.GetBGRPixels;
        for (var y = 0; y < 16; y++)
            for (var x = 0; x < 16; x++)
                for (var c = 0; c < 3; c++)
                    Assert.AreEqual(colours[y / 8 * 2 + x / 8][2 - c], bgr[(y * 16 + x) * 3 + c], tolerance, $"{name}: channel {c} at {x}, {y}");
        var pixels = image.Pixels;
        for (var i = 3; i < pixels.Length; i += 4) Assert.AreEqual(255, pixels[i]);
    }
}
