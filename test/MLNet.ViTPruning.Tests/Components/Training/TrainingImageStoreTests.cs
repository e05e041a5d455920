using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Tests.Data;
using MLNet.ViTPruning.Training;
using static MLNet.ViTPruning.Tests.Components.Training.StripedRows;

namespace MLNet.ViTPruning.Tests.Components.Training;

[TestClass]
public sealed class TrainingImageStoreTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    [DataRow(0L)]
    [DataRow(1L << 28)]
    public void Read_GivesTheSamePixels_InWhateverFormTheyCame(long memoryBytes)
    {
        using var folder = new TempFolder();
        var images = Enumerable.Range(0, 12).Select(i => TestImages.Create(Size, Size, i)).ToList();
        for (int i = 0; i < images.Count; i++) images[i].Save(folder[$"{i}.png"]);
        var expected = images.Select(i => RgbImage.From(Size, Size, PixelLayout.Rgba32, i.Pixels).Pixels.ToArray()).ToList();

        foreach (var data in new[]
        {
            Ml.Data.LoadFromEnumerable(images.Select((image, i) => new ImageRow { Image = image, Label = (uint)(i % 5) })),
            Ml.Data.LoadFromEnumerable(images.Select((_, i) => new BytesRow { Image = File.ReadAllBytes(folder[$"{i}.png"]), Label = (uint)(i % 5) })),
            Ml.Data.LoadFromEnumerable(images.Select((_, i) => new PathRow { Image = folder[$"{i}.png"], Label = (uint)(i % 5) })),
            Ml.Data.LoadFromEnumerable(images.Select((_, i) => new PlanesRow { Image = Planes(expected[i]), Label = (uint)(i % 5) })),
        })
        {
            using var store = Store(data, memoryBytes);
            Assert.AreEqual(images.Count, store.Count);
            Parallel.For(0, 10 * images.Count, k =>
            {
                int i = k % images.Count;
                var image = store.Read(i);
                Assert.AreEqual((Size, Size), (image.Width, image.Height));
                CollectionAssert.AreEqual(expected[i], image.Pixels.ToArray());
                Assert.AreEqual(i % 5, store.LabelOf(i));
            });
        }
    }

    [TestMethod]
    public void Read_OfAFolderLoader_KeepsPathsAndNoPixels()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 6; i++) TestImages.Write(folder[$"{Names[i % 3]}/{i}.png"], 20 + i, 30, i);
        var data = Ml.Data.LoadImageFolder(folder.Path, maxPixels: 24 * 30);
        var copied = Ml.Transforms.CopyColumns("Photo", "Image").Fit(data).Transform(data);
        foreach (var (view, column) in new[] { (data, "Image"), (copied, "Photo") })
        {
            using var store = Store(view, memoryBytes: 0, column);
            Assert.AreEqual(0, store.SpilledBytes);
            var image = store.Read(1);    // the paths' order: ant/0, ant/3, ...
            Assert.AreEqual((23, 30), (image.Width, image.Height));
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => store.Read(5)).Message, "at most 720", "the loader's limit holds");
        }
    }

    [TestMethod]
    public void Read_OfAnotherImageUnderTheSameName_TakesThatImage()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) TestImages.Write(folder[$"{Names[i % 2]}/{i}.png"], 20, 30, i);
        var data = Ml.Data.LoadImageFolder(folder.Path);
        var resized = Ml.Transforms.ResizeImages("Image", 10, 10, "Image").Fit(data).Transform(data);
        using var store = Store(resized, 1 << 20);
        Assert.AreEqual(10, store.Read(0).Width);
    }

    [TestMethod]
    public void Read_NamesTheRowThatHasNoLabel_NoImageOrABrokenOne()
    {
        var fine = TestImages.Create(Size, Size);
        var rows = new List<ImageRow> { new() { Image = fine }, new() { Image = fine, Label = 9 } };
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Store(Ml.Data.LoadFromEnumerable(rows), 0)).Message, "Row 1 has no label in column 'Label'");
        rows = [new() { Image = fine }, new() { Image = fine }, new()];
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Store(Ml.Data.LoadFromEnumerable(rows), 0)).Message, "Row 2 has no image in column 'Image'");
        using var store = Store(Ml.Data.LoadFromEnumerable(new[] { new BytesRow { Image = [1, 2, 3] } }), 0);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => store.Read(0)).Message, "of row 0");
        var planes = new PlanesRow { Image = Planes(new byte[3 * Size * Size]) };
        planes.Image[5] = 0.5f;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Store(Ml.Data.LoadFromEnumerable(new[] { planes }), 0)).Message, "0.5");
    }

    [TestMethod]
    public void Labels_AreComparedByName()
    {
        string[] reordered = ["eel", "cat", "ant"];
        var rows = Rows(10).Where(r => reordered.Contains(r.Kind)).ToList();
        var data = Labelled(Ml, rows, reordered);
        using var store = Store(data, 1 << 20);
        CollectionAssert.AreEqual(rows.Select(r => Array.IndexOf(Names, r.Kind)).ToArray(), store.Labels.ToArray());

        var unknown = Labelled(Ml, Rows(4).Append(new StripedRows.Row { Kind = "fox", Image = rows[0].Image }), [.. Names, "fox"]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Store(unknown, 1 << 20)).Message, "Row 4 has the label 'fox'");
    }

    [TestMethod]
    public void Planes_ThatTheModelWouldResize_AreRefused()
    {
        var data = Labelled(Ml, Rows(4));
        var configuration = Configuration with { NumClasses = 5, Preprocessing = Preprocessing.Half with { ResizeShorterSide = 12 } };
        var fault = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TrainingColumns.Of(data.Schema, "Label", "Image", configuration));
        StringAssert.Contains(fault.Message, "resized to 12");
    }

    private static TrainingImageStore Store(IDataView data, long memoryBytes, string image = "Image")
    {
        var configuration = Configuration with { NumClasses = 5, LabelNames = Names };
        return TrainingImageStore.Read(data, TrainingColumns.Of(data.Schema, "Label", image, configuration), new ImagePreprocessor(Preprocessing.Half, Size),
            new SpillBuffer(Path.GetTempPath(), memoryBytes), CancellationToken.None);
    }

    private static float[] Planes(byte[] rgb) => [.. Enumerable.Range(0, rgb.Length).Select(i => (float)rgb[i % (Size * Size) * 3 + i / (Size * Size)])];

    private sealed class ImageRow
    {
        [KeyType(5)]
        public uint Label { get; set; }

        [ImageType(Size, Size)]
        public MLImage? Image { get; set; }
    }

    private sealed class BytesRow
    {
        [KeyType(5)]
        public uint Label { get; set; }

        public byte[] Image { get; set; } = [];
    }

    private sealed class PathRow
    {
        [KeyType(5)]
        public uint Label { get; set; }

        public string Image { get; set; } = "";
    }

    private sealed class PlanesRow
    {
        [KeyType(5)]
        public uint Label { get; set; }

        [VectorType(3 * Size * Size)]
        public float[] Image { get; set; } = [];
    }
}
