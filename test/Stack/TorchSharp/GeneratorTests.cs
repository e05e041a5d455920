using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class GeneratorTests
{
    private static float[] Draw(Generator g) => randn([64], generator: g).data<float>().ToArray();

    [TestMethod]
    public void SameSeed_SameNumbers_OtherSeed_OtherNumbers()
    {
        using var a = new Generator(7);
        using var b = new Generator(7);
        using var c = new Generator(8);
        var first = Draw(a);
        CollectionAssert.AreEqual(first, Draw(b));
        CollectionAssert.AreNotEqual(first, Draw(c));
    }

    [TestMethod]
    public void OwnGenerator_LeavesTheGlobalOneAlone()
    {
        manual_seed(3);
        var expected = randn(16).data<float>().ToArray();
        manual_seed(3);
        using var own = new Generator(11);
        Draw(own);
        empty(16).uniform_(0, 1, own);
        empty(16).bernoulli_(0.5, own);
        randperm(10, generator: own);
        CollectionAssert.AreEqual(expected, randn(16).data<float>().ToArray());
    }

    [TestMethod]
    public void GlobalSeed_LeavesOwnGeneratorsAlone()
    {
        using var a = new Generator(5);
        using var b = new Generator(5);
        manual_seed(1);
        var first = Draw(a);
        manual_seed(2);
        _ = randn(100);
        CollectionAssert.AreEqual(first, Draw(b));
    }

    [TestMethod]
    public void State_ReplaysTheNumbersThatFollow()
    {
        using var g = new Generator(9);
        Draw(g);
        using var state = g.get_state();
        var next = Draw(g);
        g.set_state(state);
        CollectionAssert.AreEqual(next, Draw(g));
    }

    [TestMethod]
    public void GlobalState_ReplaysTheNumbersThatFollow()
    {
        using var state = get_rng_state();
        var next = rand(8).data<float>().ToArray();
        set_rng_state(state);
        CollectionAssert.AreEqual(next, rand(8).data<float>().ToArray());
    }

    [TestMethod]
    public void ManualSeed_OfAGenerator_StartsItAgain()
    {
        using var g = new Generator(1);
        Draw(g);
        g.manual_seed(21);
        using var h = new Generator(21);
        CollectionAssert.AreEqual(Draw(h), Draw(g));
    }

    [TestMethod]
    public void Randperm_IsAPermutation()
    {
        using var g = new Generator(2);
        using var p = randperm(100, generator: g);
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).Select(i => (long)i).ToArray(), p.data<long>().ToArray().Order().ToArray());
    }
}
