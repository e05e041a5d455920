using MLNet.ViTPruning.Imaging.ImageNet;

namespace MLNet.ViTPruning.Tests.Imaging.ImageNet;

[TestClass]
public sealed class Mat5FileTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Structs_NumbersAndTexts_AreRead(bool compressed)
    {
        var arrays = Mat5File.Read(MatWriter.File(compressed, MatWriter.Synsets((1, "n02119789"), (700, "n02100735")), MatWriter.Numbers("x", [2, 2], 9, [.. new byte[24], .. BitConverter.GetBytes(2.5)])));
        Assert.HasCount(2, arrays);
        Assert.AreEqual("synsets", arrays[0].Name);
        CollectionAssert.AreEqual(new[] { 2, 1 }, arrays[0].Dimensions);
        CollectionAssert.AreEqual(new[] { 1.0, 700.0 }, arrays[0].Field("ILSVRC2012_ID")!.Select(a => a.Numbers![0]).ToArray());
        CollectionAssert.AreEqual(new[] { "n02119789", "n02100735" }, arrays[0].Field("WNID")!.Select(a => a.Text).ToArray());
        Assert.IsNull(arrays[0].Field("height"));
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 2.5 }, arrays[1].Numbers);
    }

    [TestMethod]
    [DataRow(1, 1, -5.0, new byte[] { 251 })]
    [DataRow(2, 1, 251.0, new byte[] { 251 })]
    [DataRow(3, 2, -2.0, new byte[] { 254, 255 })]
    [DataRow(4, 2, 65534.0, new byte[] { 254, 255 })]
    [DataRow(5, 4, -2.0, new byte[] { 254, 255, 255, 255 })]
    [DataRow(6, 4, 4294967294.0, new byte[] { 254, 255, 255, 255 })]
    [DataRow(7, 4, 1.5, new byte[] { 0, 0, 192, 63 })]
    [DataRow(12, 8, -1.0, new byte[] { 255, 255, 255, 255, 255, 255, 255, 255 })]
    public void EveryNumberType_IsRead(int type, int size, double expected, byte[] data)
    {
        Assert.HasCount(size, data);
        var array = Mat5File.Read(MatWriter.File(false, MatWriter.Numbers("x", [1, 1], type, data)))[0];
        CollectionAssert.AreEqual(new[] { expected }, array.Numbers);
    }

    [TestMethod]
    public void Cells_AreRead()
    {
        var array = Mat5File.Read(MatWriter.File(true, MatWriter.Cell("c", [MatWriter.Chars("ab"), MatWriter.Cell("", [MatWriter.Chars("c")])])))[0];
        Assert.AreEqual(("ab", "c"), (array.Items![0].Text, array.Items[1].Items![0].Text));
    }

    [TestMethod]
    public void Faults_AreNamed()
    {
        static void Refused(byte[] file, string expected) =>
            Assert.Contains(expected, Assert.ThrowsExactly<InvalidDataException>(() => Mat5File.Read(file)).Message);
        var valid = MatWriter.File(false, MatWriter.Synsets((1, "n02119789")));
        Refused(valid[..100], "header");
        Refused([.. valid[..126], (byte)'M', (byte)'I', .. valid[128..]], "little-endian");
        Refused(valid[..^40], "cut short");
        Refused(MatWriter.File(false, MatWriter.Matrix(5, "s", [1, 1], [])), "class 5");
        Refused(MatWriter.File(false, MatWriter.Numbers("x", [2, 1], 9, new byte[8])), "2 elements has 1");
        Refused(MatWriter.File(false, MatWriter.Numbers("x", [65536, 65536], 9, new byte[8])), "absurd");
        Refused(MatWriter.File(false, MatWriter.Matrix(1, "c", [1, 1000], [])), "1000 elements are claimed");
        var deep = MatWriter.Chars("x");
        for (var i = 0; i < 12; i++) deep = MatWriter.Cell("", [deep]);
        Refused(MatWriter.File(false, deep), "deeper");
        Refused(MatWriter.File(true, MatWriter.Numbers("x", [1, 4 << 20], 9, new byte[(4 << 20) * 8])), "unfolds");
    }

    [TestMethod]
    public void MutatedFiles_GiveInvalidDataOrArrays()
    {
        var random = new Random(4);
        foreach (var compressed in new[] { false, true })
        {
            var valid = MatWriter.File(compressed, MatWriter.Synsets((1, "n02119789"), (2, "n02100735")), MatWriter.Cell("c", [MatWriter.Chars("ab")]));
            for (var i = 0; i < 5_000; i++)
            {
                // The header is of no interest: mutations behind it.
                byte[] mutated = [.. valid[..128], .. Mutations.Mutate(valid[128..], random)];
                try
                {
                    Mat5File.Read(mutated);
                }
                catch (InvalidDataException)
                {
                }
            }
        }
    }
}
