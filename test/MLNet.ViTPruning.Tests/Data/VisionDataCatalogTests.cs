using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Data;

[TestClass]
public sealed class VisionDataCatalogTests
{
    private static readonly MLContext ML = new(seed: 1);

    private static string[] KeyValues(IDataView view, string column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema[column].Annotations.GetValue("KeyValues", ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static void WriteCifar(string path, int count) => Cifar100Binary.Write(path, Enumerable.Range(0, count).Select(i =>
        (i % 100, i % 20, (ReadOnlyMemory<byte>)Enumerable.Range(0, Cifar100Binary.ImageBytes).Select(j => (byte)(j * (i + 1) + j / 1024 * 50)).ToArray())));

    [TestMethod]
    public void Cifar100_HasItsColumns_LabelsAndPixels()
    {
        using var folder = new TempFolder();
        WriteCifar(folder["test.bin"], 101);
        var view = ML.Data.LoadCifar100(folder.Path, Cifar100Split.Test);
        CollectionAssert.AreEqual(new[] { "Image", "Label", "CoarseLabel" }, view.Schema.Select(c => c.Name).ToArray());
        Assert.AreEqual(100ul, ((KeyDataViewType)view.Schema["Label"].Type).Count);
        Assert.AreEqual(20ul, ((KeyDataViewType)view.Schema["CoarseLabel"].Type).Count);
        Assert.AreEqual((32, 32), view.Schema["Image"].Type is ImageDataViewType type ? (type.Height, type.Width) : default);
        CollectionAssert.AreEqual(Cifar100Labels.Fine.ToArray(), KeyValues(view, "Label"));
        CollectionAssert.AreEqual(Cifar100Labels.Coarse.ToArray(), KeyValues(view, "CoarseLabel"));
        CollectionAssert.AreEqual(Enumerable.Range(0, 101).Select(i => (uint)(i % 100) + 1).ToArray(), view.GetColumn<uint>("Label").ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 101).Select(i => (uint)(i % 20) + 1).ToArray(), view.GetColumn<uint>("CoarseLabel").ToArray());

        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage image = null!;
        for (var i = 0; cursor.MoveNext(); i++)
        {
            getter(ref image);
            Assert.AreEqual(MLPixelFormat.Rgba32, image.PixelFormat);
            for (var p = 0; p < 1024; p += 31)
                for (var c = 0; c < 3; c++)
                    Assert.AreEqual((byte)((c * 1024 + p) * (i + 1) + c * 50), image.Pixels[4 * p + c]);
        }
        image.Dispose();
    }

    [TestMethod]
    public void Labels_AreGivenInAModelsOrder()
    {
        using var folder = new TempFolder();
        WriteCifar(folder["test.bin"], 100);
        string[] reversed = [.. Cifar100Labels.Fine.Reverse()];
        var view = ML.Data.LoadCifar100(folder.Path, Cifar100Split.Test, labelNames: [.. reversed, "another"]);
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).Select(i => 100u - (uint)i).ToArray(), view.GetColumn<uint>("Label").ToArray());
        Assert.AreEqual("another", KeyValues(view, "Label")[100]);
        Assert.Contains("'apple'", Assert.ThrowsExactly<ArgumentException>(() => ML.Data.LoadCifar100(folder.Path, Cifar100Split.Test, labelNames: reversed[..99])).Message);
        Assert.Contains("'x' occurs twice", Assert.ThrowsExactly<ArgumentException>(() => ML.Data.LoadCifar100(folder.Path, Cifar100Split.Test, labelNames: ["x", "x"])).Message);
    }

    [TestMethod]
    public void ImageFolder_GivesImagesLabelsAndPaths()
    {
        using var folder = new TempFolder();
        TestImages.Write(folder["dog/2.png"], 5, 3, 2);
        TestImages.Write(folder["cat/1.png"], 4, 6, 1);
        TestImages.Write(folder["dog/1.png"], 7, 2, 3);
        var view = ML.Data.LoadImageFolder(folder.Path);
        CollectionAssert.AreEqual(new[] { "Image", "Label", "ImagePath" }, view.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, KeyValues(view, "Label"));
        CollectionAssert.AreEqual(new[] { 1u, 2u, 2u }, view.GetColumn<uint>("Label").ToArray());
        CollectionAssert.AreEqual(new[] { folder["cat/1.png"], folder["dog/1.png"], folder["dog/2.png"] }, view.GetColumn<string>("ImagePath").ToArray());
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage image = null!;
        var sizes = new List<(int, int, string)>();
        while (cursor.MoveNext())
        {
            getter(ref image);
            sizes.Add((image.Width, image.Height, image.Tag));
        }
        CollectionAssert.AreEqual(new[] { (4, 6, folder["cat/1.png"]), (7, 2, folder["dog/1.png"]), (5, 3, folder["dog/2.png"]) }, sizes);
        Assert.AreEqual(1L, ML.Data.LoadImageFolder(folder.Path, limit: 1).GetRowCount());
    }

    [TestMethod]
    public void ImageNet_KeepsAThousandKeys()
    {
        using var folder = new TempFolder();
        foreach (var (label, i) in new[] { 999, 3, 3, 500 }.Select((l, i) => (l, i))) TestImages.Write(folder[$"val/{ImageNetClasses.Wnids[label]}/{i}.JPEG.png"], 3, 3);
        var view = ML.Data.LoadImageNet(folder.Path, ImageNetSplit.Val);
        CollectionAssert.AreEqual(ImageNetClasses.Wnids.ToArray(), KeyValues(view, "Label"));
        CollectionAssert.AreEqual(new[] { 4u, 4u, 501u, 1000u }, view.GetColumn<uint>("Label").ToArray());
        CollectionAssert.AreEqual(new[] { 4u, 1000u }, ML.Data.LoadImageNet(folder.Path, ImageNetSplit.ValOdd).GetColumn<uint>("Label").ToArray());
    }

    [TestMethod]
    public void BrokenAndHugeImages_AreNamed()
    {
        using var folder = new TempFolder();
        TestImages.Write(folder["a/good.png"], 40, 30);
        File.WriteAllText(folder["a/text.jpg"], "no image");
        var png = File.ReadAllBytes(folder["a/good.png"]);
        png[24] = 77;               // bits per channel
        File.WriteAllBytes(folder["a/bad.png"], png);
        Refused("bad.png", 100_000_000, "decoded");
        File.Delete(folder["a/bad.png"]);
        Refused("good.png", 1199, "at most 1199");
        File.Move(folder["a/good.png"], folder["good.png"]);
        Refused("text.jpg", 100_000_000, "neither");
        File.Move(folder["good.png"], folder["a/good.png"]);
        File.Delete(folder["a/text.jpg"]);
        var gone = ML.Data.LoadImageFolder(folder.Path);
        File.Delete(folder["a/good.png"]);
        Assert.Contains(folder["a/good.png"], Assert.ThrowsExactly<InvalidDataException>(() => Drain(gone)).Message);

        void Refused(string name, long maxPixels, string expected)
        {
            var fault = Assert.ThrowsExactly<InvalidDataException>(() => Drain(ML.Data.LoadImageFolder(folder.Path, maxPixels: maxPixels)));
            Assert.Contains(folder["a/" + name], fault.Message);
            Assert.Contains(expected, fault.Message);
        }
    }

    [TestMethod]
    public void Views_WorkBehindShuffleAndInUserClasses()
    {
        using var folder = new TempFolder();
        WriteCifar(folder["train.bin"], 50);
        var view = ML.Data.ShuffleRows(ML.Data.LoadCifar100(folder.Path, Cifar100Split.Fit), seed: 5);
        var rows = ML.Data.CreateEnumerable<Row>(view, reuseRowObject: false).ToList();
        CollectionAssert.AreEqual(Enumerable.Range(1, 45).Select(i => (uint)i).ToArray(), rows.Select(r => r.Label).Order().ToArray());
        CollectionAssert.AreNotEqual(rows.Select(r => r.Label).Order().ToArray(), rows.Select(r => r.Label).ToArray());
        CollectionAssert.AreEqual(Cifar100Labels.Fine.Take(3).ToArray(),
            ML.Transforms.Conversion.MapKeyToValue("Name", "Label").Fit(view).Transform(ML.Data.LoadCifar100(folder.Path, Cifar100Split.Fit)).GetColumn<string>("Name").Take(3).ToArray());
    }

    private sealed class Row
    {
        public uint Label { get; set; }
    }

    private static void Drain(IDataView view)
    {
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage image = null!;
        while (cursor.MoveNext()) getter(ref image);
    }
}
