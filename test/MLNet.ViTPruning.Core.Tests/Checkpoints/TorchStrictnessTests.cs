using System.Text;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.Pickle;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class TorchStrictnessTests
{
    /// <summary>A zip with one tensor 'w' as the arguments describe it, over a storage entry of 24 bytes.</summary>
    private static byte[] Checkpoint(long[]? shape = null, long[]? strides = null, long offset = 0, long count = 6, string storage = "FloatStorage", string key = "0", byte[]? byteOrder = null)
    {
        var pickle = new PickleWriter().OrderedDict().Op(PickleOpcode.Mark).Text("w").Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.Mark)
            .Op(PickleOpcode.Mark).Text("storage").Global("torch", storage).Text(key).Text("cpu").Number(count).Op(PickleOpcode.Tuple).Op(PickleOpcode.BinPersId)
            .Number(offset).Numbers(shape ?? [2, 3]).Numbers(strides ?? [3, 1]).Op(PickleOpcode.NewFalse).OrderedDict().Op(PickleOpcode.Tuple).Op(PickleOpcode.Reduce)
            .Op(PickleOpcode.SetItems).Finish();
        return Zip(pickle, byteOrder);
    }

    private static byte[] Zip(byte[] pickle, byte[]? byteOrder = null)
    {
        using var stream = new MemoryStream();
        var zip = new StoredZipWriter(stream);
        zip.Add("a/data.pkl", pickle);
        if (byteOrder is not null) zip.Add("a/byteorder", byteOrder);
        byte[] data = new byte[24];
        for (int i = 0; i < 6; i++) BitConverter.TryWriteBytes(data.AsSpan(4 * i), (float)i);
        if (byteOrder?[0] == (byte)'b') for (int i = 0; i < 6; i++) data.AsSpan(4 * i, 4).Reverse();
        zip.Add("a/data/0", data);
        zip.Finish();
        return stream.ToArray();
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("little")]
    [DataRow("big")]
    public void ReadTensor_InEitherByteOrder_GivesTheValues(string? order)
    {
        using var file = CheckpointFile.Read(Checkpoint(byteOrder: order is null ? null : Encoding.ASCII.GetBytes(order)));
        using var w = file.ReadTensor("w");
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, w.data<float>().ToArray());
    }

    [TestMethod]
    public void Read_UnknownByteOrder_Throws() => Refused(Checkpoint(byteOrder: "middle"u8.ToArray()), "byteorder");

    [TestMethod]
    [DataRow(new long[] { 2, 4 }, new long[] { 4, 1 }, 0L, 6L, "has 8 elements", DisplayName = "more elements than the storage")]
    [DataRow(new long[] { 2, 3 }, new long[] { 4, 1 }, 0L, 6L, "leave its storage", DisplayName = "stride beyond the storage")]
    [DataRow(new long[] { 2, 3 }, new long[] { 3, 1 }, 1L, 6L, "leave its storage", DisplayName = "offset beyond the storage")]
    [DataRow(new long[] { 1 }, new long[] { 1 }, -1L, 6L, "leave its storage", DisplayName = "negative offset")]
    [DataRow(new long[] { 1 }, new long[] { 1 }, long.MaxValue, 6L, "leave its storage", DisplayName = "offset of 2^63 - 1")]
    [DataRow(new long[] { 2, 3 }, new long[] { long.MaxValue, 1 }, 0L, 6L, "strides leave", DisplayName = "stride wraps around")]
    [DataRow(new long[] { 3, 2 }, new long[] { long.MaxValue, 1 }, 0L, 6L, "strides leave", DisplayName = "twice the stride wraps around")]
    [DataRow(new long[] { 1L << 32, 1L << 32 }, new long[] { 0, 0 }, 0L, 6L, "impossible", DisplayName = "product wraps around")]
    [DataRow(new long[] { 1L << 40 }, new long[] { 0 }, 0L, 6L, "elements, its storage", DisplayName = "expanded to 4 TB")]
    [DataRow(new long[] { -1 }, new long[] { 1 }, 0L, 6L, "no whole number", DisplayName = "negative size")]
    [DataRow(new long[] { 2 }, new long[] { -1 }, 0L, 6L, "no whole number", DisplayName = "negative stride")]
    [DataRow(new long[] { 2, 3 }, new long[] { 1 }, 0L, 6L, "dimensions and 1 strides", DisplayName = "too few strides")]
    [DataRow(new long[] { 2, 3 }, new long[] { 3, 1 }, 0L, 7L, "claims 7 elements", DisplayName = "storage shorter than claimed")]
    [DataRow(new long[] { 2 }, new long[] { 1 }, 0L, 2L, "claims 2 elements", DisplayName = "storage longer than claimed")]
    [DataRow(new long[] { 2 }, new long[] { 1 }, 0L, long.MaxValue, "claims", DisplayName = "storage size wraps around")]
    [DataRow(new long[] { 2 }, new long[] { 1 }, 0L, -6L, "elements", DisplayName = "negative storage")]
    public void Read_WindowThatTheStorageDoesNotBack_Throws(long[] shape, long[] strides, long offset, long count, string expected) =>
        Refused(Checkpoint(shape, strides, offset, count), expected);

    [TestMethod]
    public void Read_MissingStorage_Throws() => Refused(Checkpoint(key: "1"), "is not in the file");

    [TestMethod]
    public void Read_StorageKeyThatClimbs_IsNotFound() => Refused(Checkpoint(key: "../data.pkl"), "is not in the file");

    [TestMethod]
    public void Read_UnknownStorageType_IsRefusedByName() => Refused(Checkpoint(storage: "ComplexFloatStorage"), "torch.ComplexFloatStorage");

    [TestMethod]
    public void Read_TooManyDimensions_Throws() => Refused(Checkpoint(Enumerable.Repeat(1L, 65).ToArray(), new long[65]), "65 dimensions");

    [TestMethod]
    public void Read_ValueThatIsNoStateDict_Throws()
    {
        Refused(Zip(new PickleWriter().Number(3).Finish()), "no state dict");
        Refused(Zip(new PickleWriter().OrderedDict().Finish()), "empty");
        Refused(Zip(new PickleWriter().OrderedDict().Op(PickleOpcode.Mark).Text("lr").Number(1).Op(PickleOpcode.SetItems).Finish()), "'lr', which is no tensor");
    }

    [TestMethod]
    public void Read_TruncatedAtEveryByte_Throws()
    {
        byte[] whole = Checkpoint();
        for (int length = 0; length < whole.Length; length++)
            Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read(whole[..length]));
    }

    [TestMethod]
    public void Read_ZipWithoutData_IsNoCheckpoint()
    {
        using var stream = new MemoryStream();
        var zip = new StoredZipWriter(stream);
        zip.Add("TrainingInfo/Version.txt", "5.0.0"u8);
        zip.Finish();
        Refused(stream.ToArray(), "no data.pkl");
    }

    [TestMethod]
    public void Read_EntriesThatOverlap_Throw()
    {
        byte[] file = Checkpoint();
        // The storage's directory record points to the pickle's header: a zip bomb's trick.
        int directory = file.AsSpan().LastIndexOf("a/data/0"u8) - 46;
        file.AsSpan(directory + 42, 4).Clear();
        Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read(file));
    }

    private static void Refused(byte[] file, string expected)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read(file));
        StringAssert.Contains(e.Message, expected);
    }
}
