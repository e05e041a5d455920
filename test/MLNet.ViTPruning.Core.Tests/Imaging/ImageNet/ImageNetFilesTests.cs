using System.Text.Json;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Imaging.ImageNet;

namespace MLNet.ViTPruning.Tests.Imaging.ImageNet;

[TestClass]
public sealed class ImageNetFilesTests
{
    private static readonly string[] Wnids = [ImageNetClasses.Wnids[5], ImageNetClasses.Wnids[700], ImageNetClasses.Wnids[42]];

    private static void Touch(TempFolder folder, params string[] paths)
    {
        foreach (var path in paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
            File.WriteAllText(folder[path], "");
        }
    }

    private static string Flat(int number) => $"val/ILSVRC2012_val_{number:00000000}.JPEG";

    [TestMethod]
    public void Classes_AreTheThousandInSortedOrder()
    {
        Assert.HasCount(1000, ImageNetClasses.Wnids);
        CollectionAssert.AreEqual(ImageNetClasses.Wnids.Order(StringComparer.Ordinal).ToArray(), ImageNetClasses.Wnids.ToArray());
        Assert.AreEqual(("n01440764", "tench", "n15075141", "toilet_tissue"), (ImageNetClasses.Wnids[0], ImageNetClasses.Names[0], ImageNetClasses.Wnids[999], ImageNetClasses.Names[999]));
        Assert.AreEqual((281, -1), (ImageNetClasses.IndexOf("n02123045"), ImageNetClasses.IndexOf("n00000000")));
    }

    [TestMethod]
    public void Classes_EqualTheIndexBesideTheData()
    {
        var index = JsonSerializer.Deserialize<Dictionary<int, string[]>>(File.ReadAllText(SharedData.At("imagenet-compatible/imagenet_class_index.json")))!;
        for (var i = 0; i < 1000; i++)
            Assert.AreEqual((index[i][0], index[i][1]), (ImageNetClasses.Wnids[i], ImageNetClasses.Names[i]));
    }

    [TestMethod]
    public void WnidFolders_KeepTheThousandLabels_InPathOrder()
    {
        using var folder = new TempFolder();
        Touch(folder, $"val/{Wnids[1]}/a.JPEG", $"val/{Wnids[0]}/z.JPEG", $"val/{Wnids[0]}/B.jpg", $"val/{Wnids[2]}/x.png", $"val/{Wnids[0]}/notes.txt", "val/.hidden/a.JPEG");
        var files = ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null);
        CollectionAssert.AreEqual(new[] { $"{Wnids[0]}/B.jpg", $"{Wnids[0]}/z.JPEG", $"{Wnids[2]}/x.png", $"{Wnids[1]}/a.JPEG" }, files.Paths);
        CollectionAssert.AreEqual(new[] { 5, 5, 42, 700 }, files.Labels);
        Assert.HasCount(1000, files.LabelNames);
        Assert.IsTrue(File.Exists(files.FullPath(2)));
        CollectionAssert.AreEqual(new[] { 5, 42 }, ImageNetFiles.Find(folder.Path, ImageNetSplit.ValEven, null).Labels);
        CollectionAssert.AreEqual(new[] { 5, 700 }, ImageNetFiles.Find(folder.Path, ImageNetSplit.ValOdd, null).Labels);
        CollectionAssert.AreEqual(new[] { 5, 42 }, ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, 2).Labels);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void FlatImages_AreLabelledThroughTheDevkit(bool compressed)
    {
        using var folder = new TempFolder();
        Touch(folder, Flat(1), Flat(3), Flat(4));               // image 2 is not there: positions would be wrong
        Touch(folder, "ILSVRC2012_devkit_t12/data/meta.mat");
        // ids are neither sorted by wnid nor positions; ids above 1000 are inner nodes, which have unknown wnids
        File.WriteAllBytes(folder["ILSVRC2012_devkit_t12/data/meta.mat"], MatWriter.File(compressed, MatWriter.Synsets((1, Wnids[1]), (2, Wnids[0]), (3, Wnids[2]), (1001, "n00001740"))));
        File.WriteAllText(folder["ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt"], "3\n2\n1\n2\n");
        var files = ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null);
        CollectionAssert.AreEqual(new[] { 42, 700, 5 }, files.Labels);

        Touch(folder, Flat(5));
        Assert.Contains("no label for the image 'ILSVRC2012_val_00000005.JPEG'", Assert.ThrowsExactly<InvalidDataException>(() => ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null)).Message);
        File.WriteAllText(folder["ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt"], "3\n77\n");
        Assert.Contains("line 2: '77'", Assert.ThrowsExactly<InvalidDataException>(() => ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null)).Message);
    }

    [TestMethod]
    public void FlatImages_AreLabelledThroughKagglesTable()
    {
        using var folder = new TempFolder();
        Touch(folder, "ILSVRC/Data/CLS-LOC/" + Flat(7), "ILSVRC/Data/CLS-LOC/" + Flat(8));
        File.WriteAllText(folder["LOC_val_solution.csv"], $"ImageId,PredictionString\nILSVRC2012_val_00000008,{Wnids[2]} 85 1 499 272\nILSVRC2012_val_00000007,{Wnids[1]} 1 2 3 4 {Wnids[1]} 5 6 7 8\n");
        CollectionAssert.AreEqual(new[] { 700, 42 }, ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null).Labels);
        File.WriteAllText(folder["LOC_val_solution.csv"], "ImageId,PredictionString\nILSVRC2012_val_00000008,cat 85 1 499 272\n");
        Assert.Contains("'cat' is none", Assert.ThrowsExactly<InvalidDataException>(() => ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null)).Message);
    }

    [TestMethod]
    public void WhatIsMissing_IsSaid()
    {
        using var folder = new TempFolder();
        Assert.Contains("a folder 'val'", Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null)).Message);
        Assert.Contains("no folder", Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageNetFiles.Find(folder["x"], ImageNetSplit.Val, null)).Message);
        Touch(folder, Flat(1));
        Assert.Contains("meta.mat", Assert.ThrowsExactly<InvalidDataException>(() => ImageNetFiles.Find(folder.Path, ImageNetSplit.Val, null)).Message);
        Touch(folder, "train/cats/1.JPEG");
        Assert.Contains("'cats'", Assert.ThrowsExactly<InvalidDataException>(() => ImageNetFiles.Find(folder.Path, ImageNetSplit.Train, null)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageNetFiles.Find(folder.Path, (ImageNetSplit)9, null));
    }

    [TestMethod]
    public void ClassFolders_AreLabelledInOrdinalOrder()
    {
        using var folder = new TempFolder();
        Touch(folder, "b/1.png", "B/2.png", "a-c/3.png", "a/4.png");
        Directory.CreateDirectory(folder["empty"]);
        var files = LabelledFiles.FromClassFolders(folder.Path);
        CollectionAssert.AreEqual(new[] { "B", "a", "a-c", "b", "empty" }, files.LabelNames.ToArray());
        CollectionAssert.AreEqual(new[] { "B/2.png", "a-c/3.png", "a/4.png", "b/1.png" }, files.Paths);
        CollectionAssert.AreEqual(new[] { 0, 2, 1, 3 }, files.Labels);
        Assert.ThrowsExactly<InvalidDataException>(() => LabelledFiles.FromClassFolders(folder["a"]));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => LabelledFiles.FromClassFolders(folder["none"]));
    }
}
