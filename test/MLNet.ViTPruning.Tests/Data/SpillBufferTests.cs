using MLNet.ViTPruning.Data;

namespace MLNet.ViTPruning.Tests.Data;

[TestClass]
public sealed class SpillBufferTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(5_000)]
    [DataRow(1 << 20)]
    public void Read_GivesWhatWasAdded_FromManyThreads_WhateverIsInMemory(int memoryBytes)
    {
        using var folder = new TempFolder();
        using var buffer = new SpillBuffer(folder.Path, memoryBytes);
        var random = new Random(1);
        var expected = Enumerable.Range(0, 200).Select(_ =>
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            return bytes;
        }).ToList();
        foreach (var bytes in expected) buffer.Add(bytes);

        Assert.AreEqual(expected.Count, buffer.Count);
        Assert.AreEqual(memoryBytes < 10_000, buffer.SpilledBytes > 0);
        Parallel.For(0, 2000, i => CollectionAssert.AreEqual(expected[i % 200], buffer.Read(i % 200)));
    }

    [TestMethod]
    public void Dispose_LeavesNoFileBehind()
    {
        using var folder = new TempFolder();
        using (var buffer = new SpillBuffer(folder.Path, 0)) buffer.Add([1, 2, 3]);
        Assert.HasCount(0, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Add_WhereTheFolderIsMissing_NamesFolderAndRemedy()
    {
        using var buffer = new SpillBuffer("/no/such/folder", 2);
        buffer.Add([1, 2]);
        var error = Assert.ThrowsExactly<IOException>(() => buffer.Add([3]));
        StringAssert.Contains(error.Message, "/no/such/folder");
        StringAssert.Contains(error.Message, "TempFilePath");
    }
}
