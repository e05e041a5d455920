using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Images;

[TestClass]
public class MLImageTests
{
    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void CreateFromPixels_CopiesTheBytesAndKeepsTheirOrder(MLPixelFormat format)
    {
        byte[] bytes = [10, 20, 30, 255, 40, 50, 60, 255];
        using var image = MLImage.CreateFromPixels(2, 1, format, bytes);
        bytes[0] = 99;

        Assert.AreEqual((2, 1, 32, format), (image.Width, image.Height, image.BitsPerPixel, image.PixelFormat));
        CollectionAssert.AreEqual(new byte[] { 10, 20, 30, 255, 40, 50, 60, 255 }, image.Pixels.ToArray());
    }

    [TestMethod]
    public void CreateFromPixels_WrongArguments_Throw()
    {
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(2, 2, MLPixelFormat.Bgra32, new byte[15]));
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(0, 2, MLPixelFormat.Bgra32, []));
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Unknown, new byte[4]));
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void GetBGRPixels_IsANewArrayOfBlueGreenRed(MLPixelFormat format)
    {
        using var image = MLImage.CreateFromPixels(2, 1, format, [1, 2, 3, 255, 4, 5, 6, 255]);

        var first = image.GetBGRPixels;
        CollectionAssert.AreEqual(format == MLPixelFormat.Bgra32 ? [1, 2, 3, 4, 5, 6] : new byte[] { 3, 2, 1, 6, 5, 4 }, first);
        Assert.AreNotSame(first, image.GetBGRPixels);
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void Png_RoundTrip_IsExact(MLPixelFormat format)
    {
        using var image = TestImages.Gradient(37, 23, format);
        using var loaded = MLImage.CreateFromStream(new MemoryStream(image.Encode(".png")));

        Assert.AreEqual((37, 23), (loaded.Width, loaded.Height));
        CollectionAssert.AreEqual(image.GetBGRPixels, loaded.GetBGRPixels);
    }

    [TestMethod]
    [DataRow(".jpg")]
    [DataRow(".jpeg")]
    public void Jpeg_RoundTrip_StaysWithin10Of255(string extension)
    {
        using var image = TestImages.Gradient(64, 48);
        using var folder = new TemporaryFolder();
        image.Save(folder.File("image" + extension));
        using var loaded = MLImage.CreateFromFile(folder.File("image" + extension));

        Assert.AreEqual((64, 48), (loaded.Width, loaded.Height));
        var worst = image.GetBGRPixels.Zip(loaded.GetBGRPixels, (a, b) => Math.Abs(a - b)).Max();
        Assert.IsLessThanOrEqualTo(10, worst);
    }

    [TestMethod]
    public void Bmp_BottomUpRows_ComeOutTopDown()
    {
        var file = TestImages.Bmp([[(255, 0, 0), (0, 255, 0), (0, 0, 255)], [(1, 2, 3), (4, 5, 6), (7, 8, 9)]]);
        using var image = MLImage.CreateFromStream(new MemoryStream(file));

        Assert.AreEqual((3, 2), (image.Width, image.Height));
        CollectionAssert.AreEqual(new byte[] { 0, 0, 255, 0, 255, 0, 255, 0, 0, 3, 2, 1, 6, 5, 4, 9, 8, 7 }, image.GetBGRPixels);
    }

    [TestMethod]
    public void CreateFromStream_LeavesTheStreamOpenAndNeedsNoSeeking()
    {
        using var image = TestImages.Gradient(5, 4);
        using var source = new UnseekableStream(image.Encode(".png"));
        using var loaded = MLImage.CreateFromStream(source);

        Assert.IsTrue(source.CanRead);
        CollectionAssert.AreEqual(image.GetBGRPixels, loaded.GetBGRPixels);
    }

    [TestMethod]
    public void Save_UnknownExtension_Throws()
    {
        using var image = TestImages.Gradient(2, 2);
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() => image.Save(folder.File("image.unknown")));
    }

    [TestMethod]
    public void AfterDispose_PixelsThrow_AndDisposingAgainIsFine()
    {
        var image = TestImages.Gradient(2, 2);
        image.Dispose();
        image.Dispose();
        Assert.Throws<InvalidOperationException>(() => image.Pixels.Length);
        Assert.Throws<InvalidOperationException>(() => image.GetBGRPixels);
        Assert.Throws<InvalidOperationException>(() => image.Save("image.png"));
    }

    [TestMethod]
    public void ManyThreads_DecodeTheSamePixels()
    {
        using var image = TestImages.Gradient(97, 61);
        foreach (var extension in new[] { ".jpg", ".png" })
        {
            var file = image.Encode(extension);
            using var alone = MLImage.CreateFromStream(new MemoryStream(file));
            var expected = alone.GetBGRPixels;
            Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
            {
                using var one = MLImage.CreateFromStream(new MemoryStream(file));
                CollectionAssert.AreEqual(expected, one.GetBGRPixels);
            });
        }
    }

    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override long Seek(long offset, SeekOrigin loc) => throw new NotSupportedException();
    }
}
