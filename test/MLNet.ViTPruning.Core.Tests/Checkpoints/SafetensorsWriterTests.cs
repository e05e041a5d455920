using System.Buffers.Binary;
using System.Text;
using MLNet.ViTPruning.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class SafetensorsWriterTests
{
    [TestMethod]
    [DataRow(ScalarType.Float32)]
    [DataRow(ScalarType.Float16)]
    [DataRow(ScalarType.BFloat16)]
    [DataRow(ScalarType.Float64)]
    [DataRow(ScalarType.Int64)]
    [DataRow(ScalarType.Int32)]
    [DataRow(ScalarType.Int16)]
    [DataRow(ScalarType.Int8)]
    [DataRow(ScalarType.Byte)]
    [DataRow(ScalarType.Bool)]
    public void WriteThenOpen_EveryType_GivesTheSameTensor(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var values = arange(24, dtype: ScalarType.Float32).reshape(2, 3, 4).remainder(type == ScalarType.Bool ? 2 : 100).to_type(type); // [2, 3, 4]
        SafetensorsWriter.Write(folder.File("a.safetensors"), [("x", values)]);
        using var file = SafetensorsFile.Open(folder.File("a.safetensors"));
        var read = file.ReadTensor("x");
        Assert.AreEqual(type, read.dtype);
        CollectionAssert.AreEqual(values.shape, read.shape);
        Assert.IsTrue(values.eq(read).all().item<bool>());
        Assert.AreEqual(ScalarType.Float32, file.ReadTensor("x", ScalarType.Float32).dtype);
    }

    [TestMethod]
    public void WriteThenRead_ScalarEmptyStridedAndMetadata_AreKept()
    {
        using var scope = NewDisposeScope();
        var strided = arange(6, dtype: ScalarType.Float32).reshape(2, 3).t(); // [3, 2]
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [("strided", strided), ("empty", zeros(0, 5)), ("scalar", tensor(3.5f))], new Dictionary<string, string> { ["note"] = "ünï \"x\"", ["format"] = "pt" });
        stream.Position = 0;
        using var file = SafetensorsFile.Read(stream);
        CollectionAssert.AreEqual(new[] { "empty", "scalar", "strided" }, file.Names.ToArray());
        Assert.AreEqual("ünï \"x\"", file.Metadata["note"]);
        CollectionAssert.AreEqual(new float[] { 0, 3, 1, 4, 2, 5 }, file.ReadTensor("strided").data<float>().ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 5 }, file.ReadTensor("empty").shape);
        Assert.AreEqual(3.5f, file.ReadTensor("scalar").item<float>());
        Assert.IsEmpty(file.ShapeOf("scalar"));
    }

    [TestMethod]
    public void Write_HeaderIsPaddedTo8_NamesSorted_BytesAreDeterministic()
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (ones(3), ones(1, dtype: ScalarType.Byte), zeros(2));
        byte[] Bytes(params (string, Tensor)[] tensors)
        {
            using var stream = new MemoryStream();
            SafetensorsWriter.Write(stream, tensors);
            return stream.ToArray();
        }
        byte[] first = Bytes(("zz", a), ("b", b), ("c", c)), second = Bytes(("c", c), ("zz", a), ("b", b));
        CollectionAssert.AreEqual(first, second);
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(first);
        Assert.AreEqual(0, header % 8);
        Assert.AreEqual("""{"c":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"zz":{"dtype":"F32","shape":[3],"data_offsets":[8,20]},"b":{"dtype":"U8","shape":[1],"data_offsets":[20,21]}}""",
            Encoding.UTF8.GetString(first, 8, header).TrimEnd(' '));
    }

    [TestMethod]
    public void Write_WithDtype_ConvertsFloatingTensorsOnly()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [("w", tensor([1f, 1.0009765625f])), ("i", tensor([7L]))], dtype: ScalarType.Float16);
        using var file = SafetensorsFile.Read(stream.ToArray());
        Assert.AreEqual(ScalarType.Float16, file.DTypeOf("w"));
        Assert.AreEqual(ScalarType.Int64, file.DTypeOf("i"));
        CollectionAssert.AreEqual(new[] { 1f, 1.0009765625f }, file.ReadTensor("w", ScalarType.Float32).data<float>().ToArray());
    }

    [TestMethod]
    public void Write_WhenItFails_OldFileStaysAndNoTemporaryOneIsLeft()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        using var good = ones(4);
        SafetensorsWriter.Write(path, [("x", good)]);
        byte[] before = File.ReadAllBytes(path);
        var gone = ones(4);
        var plan = new List<(string, Tensor)> { ("x", good), ("y", gone) };
        IEnumerable<(string, Tensor)> Tensors()
        {
            foreach (var item in plan) yield return item;
            throw new IOException("the source failed");
        }
        Assert.ThrowsExactly<IOException>(() => SafetensorsWriter.Write(path, Tensors()));
        Assert.ThrowsExactly<IOException>(() => MLNet.ViTPruning.Checkpoints.Bytes.AtomicFile.Write(path, stream => { stream.WriteByte(1); throw new IOException("the disk is full"); }));
        gone.Dispose();
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        Assert.AreEqual(1, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [TestMethod]
    public void Write_OverAMappedFile_TheOpenOneStaysReadable()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [("x", ones(1000))]);
        using var open = SafetensorsFile.Open(path);
        SafetensorsWriter.Write(path, [("x", zeros(2))]);
        Assert.AreEqual(1000f, open.ReadTensor("x").sum().item<float>());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("__metadata__")]
    [DataRow("twice")]
    public void Write_BadName_Throws(string name)
    {
        using var t = ones(1);
        Assert.ThrowsExactly<ArgumentException>(() => SafetensorsWriter.Write(Stream.Null, [("twice", t), (name, t)]));
    }

    [TestMethod]
    public void ReadTensor_FromManyThreadsWhileDisposed_NeverReadsUnmappedMemory()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        using (var t = ones(100_000)) SafetensorsWriter.Write(path, [("x", t)]);
        var file = SafetensorsFile.Open(path);
        using var started = new CountdownEvent(4);
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
        {
            started.Signal();
            try
            {
                for (int i = 0; i < 10_000; i++)
                {
                    using var t = file.ReadTensor("x");
                    if (t.bytes[^1] != 0x3f) return "wrong";
                }
                return "never disposed";
            }
            catch (ObjectDisposedException)
            {
                return "disposed";
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        started.Wait();
        Thread.Sleep(20);
        file.Dispose();
        Task.WaitAll(readers);
        Assert.IsTrue(readers.All(r => r.Result == "disposed"), string.Join(", ", readers.Select(r => r.Result)));
    }
}
