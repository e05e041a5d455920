using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class ModuleTests
{
    private sealed class Inner : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "proj")] private readonly Linear _projection = nn.Linear(3, 2);
        [ComponentName(Name = "scale")] private readonly Parameter _scale = nn.Parameter(ones(2));
        [ComponentName(Name = "seen")] private readonly Tensor _seen = zeros([], int64);

        public Inner() : base("inner") => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            using var y = _projection.call(x);
            return y * _scale;
        }
    }

    private sealed class Outer : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "blocks")] private readonly ModuleList<Inner> _blocks = nn.ModuleList(new Inner());
        [ComponentName(Name = "norm")] private readonly LayerNorm _norm = nn.LayerNorm(3);
        private readonly Linear? _absent = null;

        public Outer() : base("outer") => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            if (_absent is not null) throw new InvalidOperationException();
            using var y = _norm.call(x);
            return _blocks[0].call(y);
        }
    }

    [TestMethod]
    public void StateDict_HasTheComponentNamesAsKeys()
    {
        using var m = new Outer();
        string[] expected =
        [
            "blocks.0.proj.bias", "blocks.0.proj.weight", "blocks.0.scale", "blocks.0.seen", "norm.bias", "norm.weight",
        ];
        CollectionAssert.AreEqual(expected, m.state_dict().Keys.Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(5, m.parameters().Count());
        Assert.AreEqual("blocks.0.seen", m.named_buffers().Single().Item1);
    }

    [TestMethod]
    public void LoadStateDict_CopiesValues()
    {
        using var from = new Outer();
        using var to = new Outer();
        to.load_state_dict(from.state_dict());
        foreach (var (key, value) in from.state_dict()) Assert.IsTrue(value.allclose(to.state_dict()[key]), key);
    }

    [TestMethod]
    public void LoadStateDict_Strict_RefusesMissingAndUnexpectedKeys()
    {
        using var m = new Outer();
        var state = m.state_dict();
        var missing = state.Where(p => p.Key != "norm.bias").ToDictionary(p => p.Key, p => p.Value);
        var more = new Dictionary<string, Tensor>(state) { ["norm.more"] = ones(1) };
        Throws(() => m.load_state_dict(missing));
        Throws(() => m.load_state_dict(more));

        static void Throws(Action a)
        {
            try { a(); }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException) { return; }
            Assert.Fail("load_state_dict accepted a state dict that does not fit");
        }
    }

    [TestMethod]
    public void LoadStateDict_NotStrict_ListsWhatDoesNotFit()
    {
        using var m = new Outer();
        var state = m.state_dict().Where(p => p.Key != "norm.bias").ToDictionary(p => p.Key, p => p.Value);
        state["norm.more"] = ones(1);
        var (missing, unexpected) = m.load_state_dict(state, strict: false);
        CollectionAssert.AreEqual(new[] { "norm.bias" }, missing.ToArray());
        CollectionAssert.AreEqual(new[] { "norm.more" }, unexpected.ToArray());
    }

    [TestMethod]
    public void TrainAndEval_ReachEveryModule()
    {
        using var m = new Outer();
        Assert.IsTrue(m.training);
        m.eval();
        Assert.IsTrue(m.modules().All(c => !c.training));
        m.train();
        Assert.IsTrue(m.modules().All(c => c.training));
    }

    [TestMethod]
    public void To_ChangesFloatsAndKeepsIntegers_AndTheModuleStillRuns()
    {
        using var m = new Outer();
        m.to(float64);
        Assert.IsTrue(m.parameters().All(p => p.dtype == float64));
        Assert.AreEqual(int64, m.named_buffers().Single().Item2.dtype);
        using var x = ones([2, 3], float64);
        using var y = m.call(x);
        Assert.AreEqual(float64, y.dtype);
        y.sum().backward();
        Assert.IsTrue(m.parameters().All(p => p.grad is not null));
    }

    [TestMethod]
    public void Dispose_DisposesParametersAndBuffersOfAllModules()
    {
        var m = new Outer();
        var all = m.state_dict().Values.ToArray();
        m.Dispose();
        Assert.IsTrue(all.All(t => t.IsInvalid));
    }

    [TestMethod]
    public void SaveAndLoad_ThroughABinaryWriter_KeepEveryValue()
    {
        using var from = new Outer();
        using var to = new Outer();
        using var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        from.save(writer);
        writer.Flush();
        stream.Position = 0;
        to.load(new BinaryReader(stream));
        foreach (var (key, value) in from.state_dict()) Assert.IsTrue(value.allclose(to.state_dict()[key]), key);
    }

    [TestMethod]
    public void Linear_WeightCanBeReplaced()
    {
        using var linear = nn.Linear(4, 3);
        linear.weight = nn.Parameter(ones(2, 4));
        linear.bias = nn.Parameter(zeros(2));
        using var x = ones(1, 4);
        using var y = linear.call(x);
        CollectionAssert.AreEqual(new[] { 4f, 4f }, y.data<float>().ToArray());
        Assert.AreEqual(2, linear.state_dict()["weight"].shape[0]);
    }

    [TestMethod]
    public void Sequential_NamesItsModulesByPosition()
    {
        using var m = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1, hasBias: false));
        CollectionAssert.AreEqual(new[] { "0.bias", "0.weight", "2.weight" }, m.state_dict().Keys.Order(StringComparer.Ordinal).ToArray());
    }
}
