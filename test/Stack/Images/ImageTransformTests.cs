using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;

namespace MLNet.ViTPruning.Tests.Stack.Images;

[TestClass]
public class ImageTransformTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(ResizingKind.IsoCrop)]
    [DataRow(ResizingKind.IsoPad)]
    [DataRow(ResizingKind.Fill)]
    public void ResizeImages_GivesTheSizeAndSaysItInTheSchema(ResizingKind kind)
    {
        using var image = TestImages.Plain(40, 20, 200, 100, 50);
        var output = Apply(_ml.Transforms.ResizeImages("Small", 16, 24, "Image", kind), image);

        var type = (ImageDataViewType)output.Schema["Small"].Type;
        Assert.AreEqual((24, 16), (type.Height, type.Width));
        using var cursor = output.GetRowCursor([output.Schema["Small"]]);
        var getter = cursor.GetGetter<MLImage>(output.Schema["Small"]);
        MLImage small = null!;
        Assert.IsTrue(cursor.MoveNext());
        getter(ref small);
        Assert.AreEqual((16, 24), (small.Width, small.Height));
        CollectionAssert.AreEqual(new byte[] { 50, 100, 200 }, PixelAt(small, 8, 12));
        if (kind == ResizingKind.IsoPad) CollectionAssert.AreEqual(new byte[] { 0, 0, 0 }, PixelAt(small, 8, 1));
        else CollectionAssert.AreEqual(new byte[] { 50, 100, 200 }, PixelAt(small, 15, 0));
    }

    [TestMethod]
    public void ResizeImages_Fill_IsNearestNeighbour()
    {
        using var image = MLImage.CreateFromPixels(2, 2, MLPixelFormat.Bgra32, [10, 0, 0, 255, 20, 0, 0, 255, 30, 0, 0, 255, 40, 0, 0, 255]);
        var output = Apply(_ml.Transforms.ResizeImages("Large", 4, 4, "Image", ResizingKind.Fill)
            .Append(_ml.Transforms.ExtractPixels("Blue", "Large", ColorBits.Blue)), image);

        CollectionAssert.AreEqual(new[] { 10f, 10, 20, 20, 10, 10, 20, 20, 30, 30, 40, 40, 30, 30, 40, 40 }, output.GetColumn<float[]>("Blue").Single());
    }

    [TestMethod]
    [DataRow(ColorsOrder.ARGB, "1 2 3 4")]
    [DataRow(ColorsOrder.ARBG, "1 2 4 3")]
    [DataRow(ColorsOrder.ABRG, "1 4 2 3")]
    [DataRow(ColorsOrder.ABGR, "1 4 3 2")]
    [DataRow(ColorsOrder.AGRB, "1 3 2 4")]
    [DataRow(ColorsOrder.AGBR, "1 3 4 2")]
    public void ExtractPixels_Orders(ColorsOrder order, string channels)
    {
        // alpha 255, red 200, green 100, blue 50 numbered 1 to 4
        var values = new Dictionary<string, float> { ["1"] = 255, ["2"] = 200, ["3"] = 100, ["4"] = 50 };
        using var image = TestImages.Plain(1, 1, 200, 100, 50);
        var output = Apply(Sized().Append(_ml.Transforms.ExtractPixels("Pixels", "Sized", ColorBits.All, order)), image);

        CollectionAssert.AreEqual(channels.Split(' ').Select(c => values[c]).ToArray(), output.GetColumn<float[]>("Pixels").Single());
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void ExtractPixels_PlanarOrInterleaved_OffsetThenScale(MLPixelFormat format)
    {
        byte[] redGreenBlue = format == MLPixelFormat.Rgba32 ? [1, 2, 3, 255, 4, 5, 6, 255] : [3, 2, 1, 255, 6, 5, 4, 255];
        using var image = MLImage.CreateFromPixels(2, 1, format, redGreenBlue);
        var output = Apply(Sized(2, 1)
            .Append(_ml.Transforms.ExtractPixels("Planar", "Sized"))
            .Append(_ml.Transforms.ExtractPixels("Interleaved", "Sized", interleavePixelColors: true))
            .Append(_ml.Transforms.ExtractPixels("Scaled", "Sized", offsetImage: 1, scaleImage: 10))
            .Append(_ml.Transforms.ExtractPixels("Bytes", "Sized", outputAsFloatArray: false)), image);

        CollectionAssert.AreEqual(new[] { 1f, 4, 2, 5, 3, 6 }, output.GetColumn<float[]>("Planar").Single());
        CollectionAssert.AreEqual(new[] { 1f, 2, 3, 4, 5, 6 }, output.GetColumn<float[]>("Interleaved").Single());
        CollectionAssert.AreEqual(new[] { 0f, 30, 10, 40, 20, 50 }, output.GetColumn<float[]>("Scaled").Single());
        CollectionAssert.AreEqual(new byte[] { 1, 4, 2, 5, 3, 6 }, output.GetColumn<byte[]>("Bytes").Single());
        CollectionAssert.AreEqual(new[] { 3, 1, 2 }, ((VectorDataViewType)output.Schema["Planar"].Type).Dimensions.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, ((VectorDataViewType)output.Schema["Interleaved"].Type).Dimensions.ToArray());
    }

    [TestMethod]
    public void ExtractPixels_ImagesOfUnknownSize_Throws()
    {
        var data = _ml.Data.LoadFromEnumerable(Array.Empty<Row>());
        Assert.Throws<Exception>(() => _ml.Transforms.ExtractPixels("Pixels", "Image").Fit(data).Transform(data));
    }

    [TestMethod]
    public void SavedImageTransforms_WorkAgain()
    {
        using var image = TestImages.Gradient(40, 30);
        var data = _ml.Data.LoadFromEnumerable([new Row { Image = image }]);
        var model = _ml.Transforms.ResizeImages("Small", 8, 8, "Image", ResizingKind.Fill)
            .Append(_ml.Transforms.ExtractPixels("Pixels", "Small", orderOfExtraction: ColorsOrder.ABGR, offsetImage: 3, scaleImage: 0.5f)).Fit(data);
        using var file = new MemoryStream();
        _ml.Model.Save(model, data.Schema, file);
        file.Position = 0;

        var loaded = new MLContext().Model.Load(file, out _);
        CollectionAssert.AreEqual(model.Transform(data).GetColumn<float[]>("Pixels").Single(), loaded.Transform(data).GetColumn<float[]>("Pixels").Single());
    }

    private IEstimator<ITransformer> Sized(int width = 1, int height = 1) => _ml.Transforms.ResizeImages("Sized", width, height, "Image", ResizingKind.Fill);

    private IDataView Apply(IEstimator<ITransformer> estimator, MLImage image)
    {
        // A copy for each: an image that has the wanted size already is passed on itself, and disposed with the output.
        var data = _ml.Data.LoadFromEnumerable(Fresh(image));
        return estimator.Fit(data).Transform(data);
    }

    private static IEnumerable<Row> Fresh(MLImage image)
    {
        yield return new Row { Image = MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, image.Pixels) };
    }

    private static byte[] PixelAt(MLImage image, int x, int y) => image.GetBGRPixels.AsSpan((y * image.Width + x) * 3, 3).ToArray();

    private sealed class Row { [ImageType] public MLImage Image { get; set; } = null!; }
}
