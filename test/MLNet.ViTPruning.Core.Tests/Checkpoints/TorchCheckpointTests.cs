using MLNet.ViTPruning.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class TorchCheckpointTests
{
    [TestMethod]
    public void Open_PyTorchsFile_EveryTypeAndLayoutHasPythonsValues()
    {
        using var scope = NewDisposeScope();
        using var file = CheckpointFile.Open(CheckpointFixtures.Of("state_dict.pth"));
        void Expect(string name, Tensor expected)
        {
            var read = file.ReadTensor(name);
            Assert.AreEqual(expected.dtype, read.dtype, name);
            Assert.AreEqual(expected.dtype, file.DTypeOf(name), name);
            CollectionAssert.AreEqual(expected.shape, read.shape, name);
            CollectionAssert.AreEqual(expected.shape, file.ShapeOf(name).ToArray(), name);
            Assert.IsTrue(read.is_contiguous(), name);
            if (expected.NumberOfElements > 0) Assert.IsTrue(expected.eq(read).all().item<bool>(), name);
        }
        var row = arange(24, dtype: ScalarType.Float32);
        Expect("float32", row.reshape(2, 3, 4));
        Expect("float16", (row[..6] / 4).to(ScalarType.Float16));
        Expect("bfloat16", (row[..6] / 4).to(ScalarType.BFloat16));
        Expect("float64", arange(4, dtype: ScalarType.Float64) / 3);
        Expect("int64", tensor(new long[] { -(1L << 40), 0, 1L << 40 }));
        Expect("int32", tensor(new[] { -7, 7 }));
        Expect("uint8", tensor(new byte[] { 0, 255 }));
        Expect("boolean", tensor(new[] { true, false, true }));
        Expect("transposed", row[..6].reshape(2, 3).t());
        Expect("every_second", tensor(Enumerable.Range(0, 10).Select(i => 1f + 2 * i).ToArray()));
        Expect("tail", row[20..]);
        Expect("scalar", tensor(1.5f));
        Expect("empty", zeros(0, 3));
        Expect("parameter", tensor(new[] { 1f, -1f }));
        Assert.HasCount(14, file.Names);
        Assert.AreEqual(ScalarType.Float32, file.ReadTensor("int64", ScalarType.Float32).dtype);
    }

    [TestMethod]
    [DataRow("linear.pth")]
    [DataRow("wrapped.pth")]
    public void Open_WrappedOrPrefixed_GivesThePlainNames(string name)
    {
        using var scope = NewDisposeScope();
        using var file = CheckpointFile.Open(CheckpointFixtures.Of(name));
        CollectionAssert.AreEqual(new[] { "bias", "weight" }, file.Names.ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, file.ReadTensor("weight").data<float>().ToArray());
        Assert.IsEmpty(file.Metadata);
    }

    [TestMethod]
    [DataRow("malicious.pth", "posix.system")]
    [DataRow("namespace.pth", "argparse.Namespace")]
    [DataRow("whole_module.pth", "torch.nn.modules.linear.Linear")]
    [DataRow("compressed.pth", "is compressed")]
    [DataRow("legacy.pth", "before 1.6")]
    [DataRow("README.txt", "neither a safetensors file nor a PyTorch zip checkpoint")]
    public void Open_WhatIsNotAPlainStateDict_IsRefusedByNameWithTheFile(string name, string expected)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Open(CheckpointFixtures.Of(name)));
        StringAssert.Contains(e.Message, expected);
        StringAssert.Contains(e.Message, name);
        Assert.IsFalse(File.Exists("/tmp/vitpruning-fixture-was-run"));
    }

    [TestMethod]
    public void Open_SignatureDecides_NotTheExtension()
    {
        using var folder = new TemporaryFolder();
        File.Copy(CheckpointFixtures.Of("linear.pth"), folder.File("a.safetensors"));
        using var file = CheckpointFile.Open(folder.File("a.safetensors"));
        Assert.IsInstanceOfType<TorchCheckpoint>(file);
    }

    [TestMethod]
    public void Write_ThenOpen_GivesTheSameTensorsAndMetadata()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.File("a.pth");
        var weights = arange(6, dtype: ScalarType.Float32).reshape(2, 3).t(); // [3, 2]
        TorchCheckpointWriter.Write(path, [("w", weights), ("n", tensor(7L)), ("e", zeros(0, 2))], new Dictionary<string, string> { ["a"] = "ü" }, ScalarType.BFloat16);
        using var file = CheckpointFile.Open(path);
        CollectionAssert.AreEqual(new[] { "e", "n", "w" }, file.Names.ToArray());
        Assert.AreEqual(ScalarType.BFloat16, file.DTypeOf("w"));
        Assert.AreEqual(7L, file.ReadTensor("n").item<long>());
        Assert.IsTrue(weights.eq(file.ReadTensor("w", ScalarType.Float32)).all().item<bool>());
        Assert.AreEqual("ü", file.Metadata["a"]);
        Assert.AreEqual(1, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [TestMethod]
    public void Write_PythonsTorchLoad_ReadsAnOrderedDictOfTheSameValues()
    {
        using var folder = new TemporaryFolder();
        using (var scope = NewDisposeScope())
        {
            TorchCheckpointWriter.Write(folder.File("a.pth"),
                [("b.w", arange(6, dtype: ScalarType.Float32).reshape(2, 3).t()), ("half", ones(2, dtype: ScalarType.Float16)), ("bf", ones(2, dtype: ScalarType.BFloat16)), ("n", tensor(7L)), ("e", zeros(0, 2))],
                new Dictionary<string, string> { ["note"] = "x" });
        }
        string? said = Python.Run($"""
            import torch, zipfile, collections
            torch.load('{folder.File("a.pth")}', weights_only=True)
            d = torch.load('{folder.File("a.pth")}')
            assert zipfile.ZipFile('{folder.File("a.pth")}').testzip() is None
            assert type(d) is collections.OrderedDict and list(d) == ['b.w', 'half', 'bf', 'n', 'e'], list(d)
            assert d['b.w'].tolist() == [[0, 3], [1, 4], [2, 5]] and d['b.w'].dtype == torch.float32
            assert d['half'].dtype == torch.float16 and d['bf'].dtype == torch.bfloat16 and d['bf'].tolist() == [1, 1]
            assert d['n'].item() == 7 and d['e'].shape == (0, 2)
            d['b.w'].add_(1)
            print('read')
            """);
        if (said is null) Assert.Inconclusive("python3 with torch is missing");
        Assert.AreEqual("read", said.Trim());
    }
}
