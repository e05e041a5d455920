using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training.Runs;

[TestClass]
public sealed class CheckpointStoreTests
{
    [TestMethod]
    public void Load_OfAnEmptyFolder_IsNull()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        Assert.IsFalse(store.HoldsAny);
        Assert.IsNull(store.Load());
    }

    // Values that fp16 holds exactly too: a model file would store them as fp16, a checkpoint must not.
    [TestMethod]
    public void Load_GivesEveryBitTypeShapeAndTextBack()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var tensors = new Dictionary<string, Tensor>
        {
            ["model.weight"] = tensor(new float[] { 1, 2, 3, 0.5f, -0.0f, float.NaN, float.Epsilon, float.NegativeInfinity }).reshape(2, 4),
            ["ema.weight"] = ones(3, 5).to(ScalarType.BFloat16),
            ["transposed"] = arange(6, dtype: ScalarType.Float32).reshape(2, 3).t(),
            ["optimizer.step"] = tensor(123456789012L),
            ["mask"] = tensor(new[] { true, false, true }),
            ["empty"] = zeros(0, 3),
            ["double"] = tensor(new[] { Math.PI }),
        };
        const string State = """{"step":3,"text":"\"crc32c\":\"00000000\" é 😀"}""";
        new CheckpointStore(folder.Path).Save(tensors, State);

        using var loaded = new CheckpointStore(folder.Path).Load();

        Assert.IsNotNull(loaded);
        Assert.IsNull(loaded.Warning);
        Assert.AreEqual(State, loaded.StateJson);
        CollectionAssert.AreEquivalent(tensors.Keys, loaded.Tensors.Keys.ToArray());
        foreach (var (name, expected) in tensors)
        {
            var actual = loaded.Tensors[name];
            Assert.AreEqual(expected.dtype, actual.dtype, name);
            CollectionAssert.AreEqual(expected.shape, actual.shape, name);
            if (expected.NumberOfElements > 0)
                Assert.IsTrue(expected.contiguous().bytes.SequenceEqual(actual.bytes), name);
        }
    }

    [TestMethod]
    public void Save_KeepsTheOneBeforeAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        for (int step = 1; step <= 4; step++) SaveStep(store, step);

        Assert.AreEqual(4, LoadStep(store));
        CollectionAssert.AreEquivalent(new[] { CheckpointStore.NewestName, CheckpointStore.PreviousName }, Names(folder));
        File.Delete(folder.File(CheckpointStore.NewestName));
        Assert.AreEqual(3, LoadStep(new CheckpointStore(folder.Path), warns: true));
    }

    [TestMethod]
    [DataRow("missing")]
    [DataRow("empty")]
    [DataRow("truncated")]
    [DataRow("headerOnly")]
    [DataRow("headerGarbage")]
    [DataRow("lengthened")]
    [DataRow("otherFile")]
    public void Load_WhenTheNewestIsDamaged_TakesThePreviousAndWarns(string damage)
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        SaveStep(store, 1);
        SaveStep(store, 2);
        Damage(folder.File(CheckpointStore.NewestName), damage);

        store = new CheckpointStore(folder.Path);
        using (var loaded = store.Load())
        {
            Assert.IsNotNull(loaded);
            Assert.AreEqual("1", loaded.StateJson);
            StringAssert.Contains(loaded.Warning, CheckpointStore.NewestName);
            StringAssert.Contains(loaded.Warning, CheckpointStore.PreviousName);
        }

        // The damaged one must not push the good one out.
        SaveStep(store, 3);
        Assert.AreEqual(3, LoadStep(store));
        File.Delete(folder.File(CheckpointStore.NewestName));
        Assert.AreEqual(1, LoadStep(store, warns: true));
    }

    [TestMethod]
    public void Load_FindsEveryFlippedBit()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        SaveStep(store, 1);
        SaveStep(store, 2);
        string path = folder.File(CheckpointStore.NewestName);
        byte[] good = File.ReadAllBytes(path);
        for (int bit = 0; bit < good.Length * 8; bit += 3)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(path, bad);
            Assert.AreEqual(1, LoadStep(store, warns: true), $"bit {bit} of {good.Length * 8}");
        }
    }

    [TestMethod]
    public void Load_WhenBothAreDamaged_NamesBothAndTheRemedy()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        SaveStep(store, 1);
        SaveStep(store, 2);
        Damage(folder.File(CheckpointStore.NewestName), "truncated");
        Damage(folder.File(CheckpointStore.PreviousName), "empty");

        var fault = Assert.ThrowsExactly<InvalidDataException>(() => store.Load());

        StringAssert.Contains(fault.Message, folder.File(CheckpointStore.NewestName));
        StringAssert.Contains(fault.Message, folder.File(CheckpointStore.PreviousName));
        StringAssert.Contains(fault.Message, "train from the start");
    }

    [TestMethod]
    public void Save_RemovesWhatKilledProcessesLeft()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        SaveStep(store, 1);
        File.Copy(folder.File(CheckpointStore.NewestName), folder.File($".{CheckpointStore.NewestName}.{Guid.NewGuid():N}.tmp"));
        File.WriteAllBytes(folder.File($".{CheckpointStore.NewestName}.{Guid.NewGuid():N}.tmp"), [1, 2, 3]);
        SaveStep(store, 2);
        CollectionAssert.AreEquivalent(new[] { CheckpointStore.NewestName, CheckpointStore.PreviousName }, Names(folder));
    }

    [TestMethod]
    public void Save_IntoAFolderThatIsGone_IsAnIOExceptionThatNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.File("gone"));
        var fault = Assert.ThrowsExactly<IOException>(() => SaveStep(store, 1));
        StringAssert.Contains(fault.Message, Path.Combine(folder.File("gone"), CheckpointStore.NewestName));
    }

    [TestMethod]
    public void SaveAndLoad_LeaveNoTensorsAlive()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        SaveStep(store, 1);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        SaveStep(store, 2);
        Assert.AreEqual(2, LoadStep(store));
        Damage(folder.File(CheckpointStore.NewestName), "truncated");
        Assert.AreEqual(1, LoadStep(store, warns: true));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static void SaveStep(CheckpointStore store, int step)
    {
        using var scope = NewDisposeScope();
        store.Save(new Dictionary<string, Tensor> { ["w"] = full([4, 3], step, ScalarType.Float32) }, $"{step}");
    }

    private static int LoadStep(CheckpointStore store, bool warns = false)
    {
        using var loaded = store.Load();
        Assert.AreEqual(warns, loaded!.Warning is not null, loaded.Warning);
        using var last = loaded.Tensors["w"][3, 2];
        Assert.AreEqual(loaded.StateJson, $"{last.item<float>()}");
        return int.Parse(loaded.StateJson);
    }

    private static string[] Names(TemporaryFolder folder) => [.. Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f))];

    private static void Damage(string path, string how)
    {
        byte[] bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case "missing": File.Delete(path); break;
            case "empty": File.WriteAllBytes(path, []); break;
            case "truncated": File.WriteAllBytes(path, bytes[..^1]); break;
            case "headerOnly": File.WriteAllBytes(path, bytes[..8]); break;
            case "headerGarbage": new Random(1).NextBytes(bytes.AsSpan(0, 100)); File.WriteAllBytes(path, bytes); break;
            case "lengthened": File.WriteAllBytes(path, [.. bytes, 0]); break;
            case "otherFile": File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1000000\n"); break;
            default: throw new ArgumentException(how);
        }
    }
}
