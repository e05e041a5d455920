using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.ViTPruning.Tests.Stack.Images;

[TestClass]
public class LoadImagesTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void WriteFiles()
    {
        for (var i = 0; i < 3; i++)
            using (var image = TestImages.Plain(4 + i, 3, (byte)(10 * i), 0, 0))
                image.Save(_folder.File($"{i}.png"));
    }

    [TestCleanup]
    public void Delete() => _folder.Dispose();

    [TestMethod]
    public void LoadImages_ReadsRelativePaths_AndDisposesAnImageWhenTheNextTakesItsPlace()
    {
        var data = Load("0.png", "1.png", "2.png");
        MLImage image = null!;
        var seen = new List<MLImage>();
        using (var cursor = data.GetRowCursor([data.Schema["Image"]]))
        {
            var getter = cursor.GetGetter<MLImage>(data.Schema["Image"]);
            while (cursor.MoveNext())
            {
                getter(ref image);
                Assert.AreEqual(4 + seen.Count, image.Width);
                seen.Add(image);
                foreach (var earlier in seen[..^1]) Assert.Throws<InvalidOperationException>(() => earlier.Pixels.Length);
                Assert.IsGreaterThan(0, image.Pixels.Length);
            }
        }
        Assert.HasCount(3, seen);
        Assert.Throws<InvalidOperationException>(() => seen[2].Pixels.Length); // the last one goes with the cursor
    }

    [TestMethod]
    public void LoadImages_NothingIsReadBeforeAsked_AndAMissingFileThrowsThen()
    {
        var data = Load("0.png", "missing.png");
        using var cursor = data.GetRowCursor(data.Schema);
        var getter = cursor.GetGetter<MLImage>(data.Schema["Image"]);
        MLImage image = null!;
        Assert.IsTrue(cursor.MoveNext());
        getter(ref image);
        Assert.IsTrue(cursor.MoveNext()); // not yet: the image has not been asked for
        Assert.Throws<Exception>(() => getter(ref image));
    }

    [TestMethod]
    public void LoadImages_ImageTypeHasNoSize() => Assert.AreEqual(new ImageDataViewType(), Load("0.png").Schema["Image"].Type);

    [TestMethod]
    public void LoadRawImageBytes_GivesTheFile()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Path = "1.png" }]);
        var output = _ml.Transforms.LoadRawImageBytes("Bytes", _folder.FullName, "Path").Fit(data).Transform(data);
        CollectionAssert.AreEqual(File.ReadAllBytes(_folder.File("1.png")), output.GetColumn<byte[]>("Bytes").Single());
    }

    [TestMethod]
    public void ResizeImages_LeavesTheUsersImagesAlone()
    {
        using var image = TestImages.Plain(6, 6, 1, 2, 3);
        var data = _ml.Data.LoadFromEnumerable([new ImageRow { Image = image }]);
        var output = _ml.Transforms.ResizeImages("Small", 3, 3, "Image").Fit(data).Transform(data);

        using (var cursor = output.GetRowCursor([output.Schema["Small"]]))
        {
            MLImage small = null!;
            Assert.IsTrue(cursor.MoveNext());
            cursor.GetGetter<MLImage>(output.Schema["Small"])(ref small);
            Assert.AreEqual(3, small.Width);
        }
        Assert.AreEqual(6 * 6 * 4, image.Pixels.Length);
    }

    [TestMethod]
    public void ImageColumns_AreNotCached()
    {
        var rows = 0;
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var cached = _ml.Data.Cache(_ml.Transforms.LoadImages("Image", _folder.FullName, "Path").Fit(data).Transform(data));
        for (var pass = 0; pass < 2; pass++)
        {
            using var cursor = cached.GetRowCursor([cached.Schema["Image"]]);
            var getter = cursor.GetGetter<MLImage>(cached.Schema["Image"]);
            MLImage image = null!;
            while (cursor.MoveNext())
            {
                getter(ref image);
                Assert.IsGreaterThan(0, image.Pixels.Length);
                rows++;
            }
        }
        Assert.AreEqual(4, rows);
    }

    private static Row[] Rows() => [new() { Path = "0.png" }, new() { Path = "1.png" }];

    private IDataView Load(params string[] files)
    {
        var data = _ml.Data.LoadFromEnumerable(files.Select(f => new Row { Path = f }).ToArray());
        return _ml.Transforms.LoadImages("Image", _folder.FullName, "Path").Fit(data).Transform(data);
    }

    private sealed class Row { public string Path { get; set; } = ""; }
    private sealed class ImageRow { [ImageType(6, 6)] public MLImage Image { get; set; } = null!; }
}
