using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Data;

[TestClass]
public sealed class ImageColumnReaderTests
{
    private const int Size = 6;

    private static readonly MLContext ML = new(seed: 1);
    private static readonly ImagePreprocessor Preprocessor = new(Preprocessing.ImageNet, Size);

    private sealed class Row
    {
        [ImageType] public MLImage? Image { get; set; }
        public byte[] Bytes { get; set; } = [];
        public string Path { get; set; } = "";
        [VectorType(3 * Size * Size)] public float[] Planes { get; set; } = [];
        [VectorType(7)] public float[] Features { get; set; } = [];
        public float Number { get; set; }
    }

    private sealed class Nothing
    {
    }

    private static (IDataView View, Row[] Rows) Load(TempFolder folder)
    {
        var rows = Enumerable.Range(0, 3).Select(i =>
        {
            var path = folder[$"{i}.png"];
            TestImages.Write(path, Size, Size, i);
            var image = TestImages.Create(Size, Size, i);
            var planes = new float[3 * Size * Size];
            for (var p = 0; p < planes.Length; p++) planes[p] = image.Pixels[p % (Size * Size) * 4 + p / (Size * Size)];
            return new Row { Image = image, Bytes = File.ReadAllBytes(path), Path = path, Planes = planes, Features = new float[7] };
        }).ToArray();
        return (ML.Data.LoadFromEnumerable(rows), rows);
    }

    [TestMethod]
    public void EveryForm_GivesTheSamePreparedImage()
    {
        using var folder = new TempFolder();
        var (view, rows) = Load(folder);
        float[][] Prepared(string column)
        {
            using var cursor = view.GetRowCursor([view.Schema[column]]);
            var reader = ImageColumnReader.Create(cursor, view.Schema[column], Preprocessor);
            var prepared = new List<float[]>();
            while (cursor.MoveNext())
            {
                var values = new float[Preprocessor.Length];
                reader.Read(values);
                prepared.Add(values);
            }
            return [.. prepared];
        }
        var expected = Prepared("Planes");
        CollectionAssert.AreNotEqual(expected[0], expected[1]);
        foreach (var column in new[] { "Image", "Bytes", "Path" })
            for (var i = 0; i < 3; i++) CollectionAssert.AreEqual(expected[i], Prepared(column)[i], column);
        Assert.IsTrue(rows.All(row => row.Image!.Width == Size), "the user's images are left alone");
    }

    [TestMethod]
    public void CapturedImages_OutliveTheirRow_AndArePreparedElsewhere()
    {
        using var folder = new TempFolder();
        var (view, _) = Load(folder);
        foreach (var column in new[] { "Image", "Bytes", "Path", "Planes" })
        {
            var captured = new List<CapturedImage>();
            using (var cursor = view.GetRowCursor([view.Schema[column]]))
            {
                var reader = ImageColumnReader.Create(cursor, view.Schema[column], Preprocessor);
                while (cursor.MoveNext()) captured.Add(reader.Capture());
            }
            var values = new float[3][];
            Parallel.For(0, 3, i => captured[i].Prepare(Preprocessor, values[i] = new float[Preprocessor.Length]));
            for (var i = 0; i < 3; i++)
            {
                using var image = TestImages.Create(Size, Size, i);
                var expected = new float[Preprocessor.Length];
                Preprocessor.Run(RgbImage.From(Size, Size, PixelLayout.Rgba32, image.Pixels), expected);
                CollectionAssert.AreEqual(expected, values[i], column);
                captured[i].Dispose();
                captured[i].Dispose();
                if (column != "Path") Assert.ThrowsExactly<ObjectDisposedException>(() => captured[i].Prepare(Preprocessor, new float[Preprocessor.Length]));
            }
        }
    }

    [TestMethod]
    [DataRow("Features", "<Single, 7>")]
    [DataRow("Number", "Single")]
    public void OtherTypes_AreRefusedByName(string column, string got)
    {
        using var folder = new TempFolder();
        var (view, _) = Load(folder);
        using var cursor = view.GetRowCursor(view.Schema);
        var fault = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageColumnReader.Create(cursor, view.Schema[column], Preprocessor));
        Assert.Contains($"Schema mismatch for input column '{column}': expected image (MLImage), vector of Byte, text or vector of Single [108], got ", fault.Message);
        Assert.Contains(got, fault.Message);
        Assert.AreEqual("inputSchema", fault.ParamName);
    }

    [TestMethod]
    public void ASchemaShape_IsCheckedToo()
    {
        // A custom mapping's outputs: the public way to a shape with these columns.
        var shape = ML.Transforms.CustomMapping<Nothing, Row>((_, _) => { }, contractName: null).GetOutputSchema(new SchemaShape([]));
        ImageColumnKind Kind(string name) => ImageColumnKinds.Of(shape.Single(c => c.Name == name), Size);
        Assert.AreEqual((ImageColumnKind.Image, ImageColumnKind.Bytes, ImageColumnKind.Path, ImageColumnKind.Planes), (Kind("Image"), Kind("Bytes"), Kind("Path"), Kind("Planes")));
        Assert.Contains("'Number'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Kind("Number")).Message);
    }

    [TestMethod]
    public void MissingImages_AreNamedByRowAndColumn()
    {
        var view = ML.Data.LoadFromEnumerable(new[] { new Row { Planes = new float[3 * Size * Size], Features = new float[7] } });
        foreach (var column in new[] { "Image", "Bytes", "Path" })
        {
            using var cursor = view.GetRowCursor(view.Schema);
            var reader = ImageColumnReader.Create(cursor, view.Schema[column], Preprocessor);
            cursor.MoveNext();
            Assert.AreEqual($"Row 0 has no image in column '{column}'.", Assert.ThrowsExactly<InvalidDataException>(() => reader.Read(new float[Preprocessor.Length])).Message);
        }
    }
}
