using System.Numerics;
using System.Text;
using MLNet.ViTPruning.Checkpoints.Pickle;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class RestrictedUnpicklerTests
{
    private static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    [TestMethod]
    [DataRow("cos\nsystem\n(S'touch x'\ntR.", "os.system", DisplayName = "protocol 0, as every example has it")]
    [DataRow("\u0080\u0002cposix\nsystem\nq\u0000X\u0001\u0000\u0000\u0000xq\u0001\u0085q\u0002Rq\u0003.", "posix.system", DisplayName = "protocol 2")]
    [DataRow("\u0080\u0002c__builtin__\neval\nX\u0001\u0000\u0000\u0000x\u0085R.", "__builtin__.eval", DisplayName = "Python 2's eval")]
    [DataRow("\u0080\u0002cbuiltins\nexec\nX\u0001\u0000\u0000\u0000x\u0085R.", "builtins.exec", DisplayName = "exec")]
    [DataRow("\u0080\u0002cbuiltins\ngetattr\n.", "builtins.getattr", DisplayName = "only mentioned, not called")]
    [DataRow("\u0080\u0004\u008c\u0005posix\u008c\u0006system\u0093.", "posix.system", DisplayName = "STACK_GLOBAL")]
    [DataRow("\u0080\u0002ctorch\nload\n.", "torch.load", DisplayName = "another function of torch")]
    [DataRow("\u0080\u0002ccollections\nOrderedDict.__init__.__globals__\n.", "OrderedDict.__init__", DisplayName = "dotted path")]
    [DataRow("\u0080\u0002ccollections\nOrderedDict\n(cnt\nsystem\nX\u0001\u0000\u0000\u0000x\u0085RtR.", "nt.system", DisplayName = "nested in arguments")]
    public void Load_HostileGlobal_IsRefusedByName(string pickle, string name)
    {
        foreach (var allowance in new[] { PickleAllowance.TensorStateDict, PickleAllowance.NumpyArrays })
        {
            if (allowance == PickleAllowance.NumpyArrays && pickle.Contains("OrderedDict")) continue;
            var e = Assert.ThrowsExactly<InvalidDataException>(() => RestrictedUnpickler.Load(Bytes(pickle), allowance));
            StringAssert.Contains(e.Message, name);
            StringAssert.Contains(e.Message, "refused");
        }
    }

    [TestMethod]
    [DataRow("\u0080\u0002(ios\nsystem\n.", "Inst", DisplayName = "INST")]
    [DataRow("\u0080\u0002(ccollections\nOrderedDict\no.", "Obj", DisplayName = "OBJ")]
    [DataRow("\u0080\u0002ccollections\nOrderedDict\n)\u0081.", "NewObj", DisplayName = "NEWOBJ")]
    [DataRow("\u0080\u0002\u0082\u0001.", "Ext1", DisplayName = "EXT1")]
    [DataRow("\u0080\u0002" + "Pid\n.", "PersId", DisplayName = "PERSID")]
    [DataRow("\u0080\u0002\u00fe.", "0xfe", DisplayName = "no instruction at all")]
    public void Load_InstructionThatIsNotNeeded_IsRefusedByName(string pickle, string name) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => RestrictedUnpickler.Load(Bytes(pickle), PickleAllowance.TensorStateDict)).Message, name);

    [TestMethod]
    [DataRow("", DisplayName = "empty")]
    [DataRow("\u0080\u0002", DisplayName = "no end")]
    [DataRow("\u0080\u0002.", DisplayName = "no value")]
    [DataRow("\u0080\u0009N.", DisplayName = "unknown protocol")]
    [DataRow("\u0080\u0002NN.", DisplayName = "two values")]
    [DataRow("\u0080\u0002(.", DisplayName = "a mark is no value")]
    [DataRow("\u0080\u0002t.", DisplayName = "no mark")]
    [DataRow("\u0080\u0002h\u0005.", DisplayName = "never memorised")]
    [DataRow("\u0080\u0002q\u0005.", DisplayName = "nothing to memorise")]
    [DataRow("\u0080\u0002NNR.", DisplayName = "calls None")]
    [DataRow("\u0080\u0002Nb.", DisplayName = "empty stack at BUILD")]
    [DataRow("\u0080\u0002NNb.", DisplayName = "state of None")]
    [DataRow("\u0080\u0002NNa.", DisplayName = "append to None")]
    [DataRow("\u0080\u0002}(Nu.", DisplayName = "odd items")]
    [DataRow("\u0080\u0002}(X\u0001\u0000\u0000\u0000aNX\u0001\u0000\u0000\u0000aNu.", DisplayName = "key twice")]
    [DataRow("\u0080\u0002X\u00ff\u00ff\u00ff\u00ffx.", DisplayName = "text of 4 GB")]
    [DataRow("\u0080\u0002T\u00ff\u00ff\u00ff\u00ffx.", DisplayName = "bytes of negative length")]
    [DataRow("\u0080\u0004\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffx.", DisplayName = "bytes of 2^64")]
    [DataRow("\u0080\u0002X\u0001\u0000\u0000\u0000\u00ff.", DisplayName = "text that is not UTF-8")]
    [DataRow("\u0080\u0002cnumpy\ndtype\nX\u0002\u0000\u0000\u0000O8\u0085R.", DisplayName = "array of objects")]
    [DataRow("\u0080\u0002cnumpy\nndarray\n)R.", DisplayName = "a class that may only be mentioned")]
    [DataRow("\u0080\u0002NQ.", DisplayName = "persistent id")]
    public void Load_BrokenPickle_OnlyInvalidData(string pickle) =>
        Assert.ThrowsExactly<InvalidDataException>(() => RestrictedUnpickler.Load(Bytes(pickle), PickleAllowance.NumpyArrays));

    [TestMethod]
    public void Load_HugeNumberOfInstructions_IsRefusedBeforeMemoryRunsOut()
    {
        byte[] pickle = new byte[4_000_000];
        pickle.AsSpan().Fill((byte)'}');
        long before = GC.GetAllocatedBytesForCurrentThread();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => RestrictedUnpickler.Load(pickle, PickleAllowance.TensorStateDict)).Message, "instructions");
        Assert.IsLessThan(300L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Load_SameTextEncodedAgainAndAgain_IsRefused()
    {
        // One text of 100 KB in the memo, then ten thousand calls that would copy it.
        var pickle = new MemoryStream();
        pickle.Write(Bytes("\u0080\u0002(X\u00a0\u0086\u0001\u0000" + new string('x', 100_000) + "q\u0000"));
        for (int i = 0; i < 10_000; i++) pickle.Write(Bytes("c_codecs\nencode\nh\u0000X\u0006\u0000\u0000\u0000latin1\u0086R"));
        pickle.Write(Bytes("t."));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => RestrictedUnpickler.Load(pickle.ToArray(), PickleAllowance.NumpyArrays)).Message, "unfolds");
    }

    [TestMethod]
    [DataRow("numpy_protocol2.pickle")]
    [DataRow("numpy_protocol4.pickle")]
    public void Load_PythonsOwnPickle_HasItsValues(string name)
    {
        var dict = (PickleDict)RestrictedUnpickler.Load(File.ReadAllBytes(CheckpointFixtures.Of(name)), PickleAllowance.NumpyArrays)!;
        Assert.IsTrue(dict.TryGet<NumpyArray>("data", out var data));
        CollectionAssert.AreEqual(new long[] { 2, 6 }, data.Shape!.ToArray());
        Assert.AreEqual("u1", data.DType);
        CollectionAssert.AreEqual(Enumerable.Range(0, 12).Select(i => (byte)i).ToArray(), data.Data);
        Assert.IsTrue(dict.TryGet<List<object?>>("fine_labels", out var labels));
        CollectionAssert.AreEqual(new object[] { 3L, 99L }, labels);
        Assert.IsTrue(dict.TryGet<string>("name", out var text) && text == "x");
        Assert.IsTrue(dict.TryGet("big", out var big) && big is BigInteger b && b == BigInteger.Pow(2, 70));
        Assert.IsTrue(dict.TryGet("pi", out var pi) && pi is 3.5);
        Assert.IsTrue(dict.TryGet<NumpyArray>("f", out var f) && f.IsFortran);
        Assert.AreEqual("f4", f.DType);
    }

    [TestMethod]
    public void Load_Python2sPickle_KeepsTextAsBytesAndFindsItByName()
    {
        // {'data': numpy.array([[1, 2]], dtype='u1'), 'n': 5} as Python 2's cPickle writes it in protocol 2
        const string pickle = "\u0080\u0002}q\u0001(U\u0004" + "dataq\u0002cnumpy.core.multiarray\n_reconstruct\nq\u0003cnumpy\nndarray\nq\u0004K\u0000\u0085U\u0001" + "b\u0087Rq\u0005"
            + "(K\u0001K\u0001K\u0002\u0086cnumpy\ndtype\nq\u0006U\u0002u1K\u0000K\u0001\u0087Rq\u0007(K\u0003U\u0001|NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\u0000tb\u0089U\u0002\u0001\u0002tbU\u0001nK\u0005u.";
        var dict = (PickleDict)RestrictedUnpickler.Load(Bytes(pickle), PickleAllowance.NumpyArrays)!;
        Assert.IsInstanceOfType<byte[]>(dict.Items[0].Key);
        Assert.IsTrue(dict.TryGet<NumpyArray>("data", out var data));
        CollectionAssert.AreEqual(new byte[] { 1, 2 }, data.Data);
        Assert.IsTrue(dict.TryGet("n", out var n) && n is 5L);
    }
}
