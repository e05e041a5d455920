using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Imaging;

[TestClass]
public sealed class Cifar100Tests
{
    private static byte[] Planar(int seed) => [.. Enumerable.Range(0, Cifar100Binary.ImageBytes).Select(i => (byte)(i * 31 + i / 1024 * 5 + seed * 77))];

    private static void Write(string path, int count) =>
        Cifar100Binary.Write(path, Enumerable.Range(0, count).Select(i => (i % 100, i % 20, (ReadOnlyMemory<byte>)Planar(i))));

    private static byte[] Image(Cifar100Set set, int index)
    {
        var planar = new byte[Cifar100Binary.ImageBytes];
        set.Read(index, planar);
        return planar;
    }

    [TestMethod]
    public void WrittenRows_AreReadBackInOrder()
    {
        using var folder = new TempFolder();
        Write(folder["test.bin"], 523);
        Assert.AreEqual(523 * 3074, new FileInfo(folder["test.bin"]).Length);
        var set = Cifar100Set.Open(folder.Path, Cifar100Split.Test);
        Assert.AreEqual(523, set.Count);
        for (var i = 0; i < 523; i++)
        {
            Assert.AreEqual((i % 100, i % 20), (set.FineLabel(i), set.CoarseLabel(i)));
            CollectionAssert.AreEqual(Planar(i), Image(set, i));
        }
        Assert.AreEqual(("apple", "worm"), (set.FineNames[0], set.FineNames[99]));
        Assert.AreEqual(("aquatic_mammals", "vehicles_2"), (set.CoarseNames[0], set.CoarseNames[19]));
        Assert.HasCount(1, Directory.GetFiles(folder.Path), "no temporary file stays");
    }

    [TestMethod]
    public void CoarseLabel_ComesFirstInTheFile()
    {
        using var folder = new TempFolder();
        Cifar100Binary.Write(folder["train.bin"], [(49, 15, Planar(0))]);
        CollectionAssert.AreEqual(new byte[] { 15, 49 }, File.ReadAllBytes(folder["train.bin"])[..2]);
    }

    [TestMethod]
    public void Splits_CutTheLastTenthOfTheTrainingFile()
    {
        using var folder = new TempFolder();
        Write(folder["train.bin"], 57);
        var (train, fit, validation) = (Cifar100Set.Open(folder.Path, Cifar100Split.Train), Cifar100Set.Open(folder.Path, Cifar100Split.Fit), Cifar100Set.Open(folder.Path, Cifar100Split.Validation));
        Assert.AreEqual((57, 52, 5), (train.Count, fit.Count, validation.Count));
        Assert.AreEqual((0, 51), (fit.FineLabel(0), fit.FineLabel(51)));
        Assert.AreEqual(52, validation.FineLabel(0));
        CollectionAssert.AreEqual(Planar(56), Image(validation, 4));
    }

    [TestMethod]
    public void Limit_SpreadsRowsEvenly()
    {
        using var folder = new TempFolder();
        Write(folder["test.bin"], 100);
        var set = Cifar100Set.Open(folder.Path, Cifar100Split.Test, limit: 8);
        CollectionAssert.AreEqual(new[] { 0, 12, 25, 37, 50, 62, 75, 87 }, Enumerable.Range(0, 8).Select(set.FineLabel).ToArray());
        CollectionAssert.AreEqual(Planar(62), Image(set, 5));
        Assert.AreEqual(100, Cifar100Set.Open(folder.Path, Cifar100Split.Test, limit: 1000).Count);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar100Set.Open(folder.Path, Cifar100Split.Test, limit: 0));
    }

    [TestMethod]
    [DataRow("cifar-python-2.pickle")]
    [DataRow("cifar-python-4.pickle")]
    public void PythonVersion_IsReadToo(string fixture)
    {
        using var folder = new TempFolder();
        File.Copy(TestData.Fixture(fixture), folder["train"]);
        var set = Cifar100Set.Open(folder.Path, Cifar100Split.Train);
        Assert.AreEqual((3, 19, 99, 11, 19), (set.Count, set.FineLabel(0), set.FineLabel(2), set.CoarseLabel(0), set.CoarseLabel(2)));
        for (var i = 0; i < 3; i++)
            CollectionAssert.AreEqual(Enumerable.Range(0, 3072).Select(j => (byte)(i * 7 + j * (i + 3))).ToArray(), Image(set, i));
    }

    [TestMethod]
    public void Names_ComeFromTheFolder()
    {
        using var folder = new TempFolder();
        Write(folder["test.bin"], 1);
        File.WriteAllLines(folder["fine_label_names.txt"], Enumerable.Range(0, 100).Select(i => $"class {i}").Append(""));
        Assert.AreEqual("class 42", Cifar100Set.Open(folder.Path, Cifar100Split.Test).FineNames[42]);
        File.WriteAllLines(folder["coarse_label_names.txt"], ["one", "two"]);
        Assert.Contains("has 2 label names; expected 20", Assert.ThrowsExactly<InvalidDataException>(() => Cifar100Set.Open(folder.Path, Cifar100Split.Test)).Message);
    }

    [TestMethod]
    public void BrokenFiles_AreRefusedByName()
    {
        using var folder = new TempFolder();
        void Refused(string expected)
        {
            var fault = Assert.ThrowsExactly<InvalidDataException>(() => Cifar100Set.Open(folder.Path, Cifar100Split.Train));
            Assert.Contains(folder["train"], fault.Message);
            Assert.Contains(expected, fault.Message);
        }
        File.WriteAllBytes(folder["train.bin"], new byte[3073]);
        Refused("3073 bytes");
        File.WriteAllBytes(folder["train.bin"], []);
        Refused("0 bytes");
        File.WriteAllBytes(folder["train.bin"], [.. new byte[3074], 20, .. new byte[3073]]);
        Refused("row 1 has the coarse label 20");
        File.WriteAllBytes(folder["train.bin"], [0, 100, .. new byte[3072]]);
        Refused("row 0 has the fine label 100");
        File.Delete(folder["train.bin"]);
        File.WriteAllText(folder["train"], "no pickle");
        Refused("python version");
        File.Delete(folder["train"]);
        Assert.Contains("expected train.bin", Assert.ThrowsExactly<FileNotFoundException>(() => Cifar100Set.Open(folder.Path, Cifar100Split.Train)).Message);
    }

    [TestMethod]
    public void Write_RefusesWhatNoReaderWouldTake_AndLeavesTheOldFile()
    {
        using var folder = new TempFolder();
        Write(folder["test.bin"], 2);
        Assert.ThrowsExactly<ArgumentException>(() => Cifar100Binary.Write(folder["test.bin"], [(0, 0, Planar(0)), (100, 0, Planar(0))]));
        Assert.ThrowsExactly<ArgumentException>(() => Cifar100Binary.Write(folder["test.bin"], [(0, 0, new byte[3071])]));
        Assert.AreEqual(2, Cifar100Set.Open(folder.Path, Cifar100Split.Test).Count);
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void MutatedFiles_GiveInvalidDataOrAValidSet()
    {
        using var folder = new TempFolder();
        Write(folder["train.bin"], 3);
        Mutations.Run(File.ReadAllBytes(folder["train.bin"]), 10_000, folder["train.bin"], () => ReadAll(folder.Path));
        File.Delete(folder["train.bin"]);
        foreach (var fixture in new[] { "cifar-python-2.pickle", "cifar-python-4.pickle" })
            Mutations.Run(File.ReadAllBytes(TestData.Fixture(fixture)), 2_000, folder["train"], () => ReadAll(folder.Path));
    }

    private static void ReadAll(string folder)
    {
        var set = Cifar100Set.Open(folder, Cifar100Split.Train);
        for (var i = 0; i < set.Count; i++)
        {
            Assert.IsTrue(set.FineLabel(i) < 100 && set.CoarseLabel(i) < 20);
            Image(set, i);
        }
    }
}
