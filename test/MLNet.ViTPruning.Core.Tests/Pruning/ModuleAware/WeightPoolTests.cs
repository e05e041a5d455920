using FsCheck;
using FsCheck.Fluent;
using MLNet.ViTPruning.Pruning.ModuleAware;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

[TestClass]
public sealed class WeightPoolTests
{
    // Tensors of a few weights and of several profiles' strides, with many equal weights or none, zeros, and scales far apart.
    private static readonly Gen<Case> Cases =
        from seed in Gen.Choose(0, int.MaxValue)
        from tensors in Gen.Choose(1, 6)
        from levels in Gen.Elements(0, 1, 3, 40)
        from share in Gen.Choose(0, 99)
        from relative in Gen.Elements(true, false)
        select new Case(seed, tensors, levels, share, relative);

    [TestMethod]
    public void Cut_OfAnyTensors_IsThatOfAListOfAllScores() => Prop.ForAll(Cases.ToArbitrary(), made =>
    {
        var tensors = made.Tensors();
        long removed = tensors.Sum(t => (long)t.Length) * made.Share / 100;
        var expected = NaiveWeightPruning.Kept(tensors, removed, made.Relative);
        var actual = Kept(tensors, removed, made.Relative, out _);
        return expected.Zip(actual).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
    }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Cut_AFactorOnATensor_ChangesNothing()
    {
        var tensors = new Case(5, 4, 0, 45, true).Tensors();
        int removed = tensors.Sum(t => t.Length) / 2;
        var before = Kept(tensors, removed, true, out double? threshold);
        var after = Kept([.. tensors.Select((t, i) => i == 1 ? [.. t.Select(w => w * 1024)] : t)], removed, true, out double? same);
        for (int i = 0; i < tensors.Length; i++) CollectionAssert.AreEqual(before[i], after[i]);
        Assert.AreEqual(threshold, same);
    }

    [TestMethod]
    public void Cut_OfEqualScores_TakesEarlierLayersAndThenLowerIndices()
    {
        float[][] tensors = [[2, 1, 1], [2, 1, 1], [0, 0, 0]];    // of the first two: 1, 1/5, 1/6 each
        bool[][] Of(long removed) => Kept(tensors, removed, true, out _);

        CollectionAssert.AreEqual(new[] { false, false, true }, Of(2)[2], "zeros score nothing");
        CollectionAssert.AreEqual(new[] { true, false, true }, Of(4)[0]);
        CollectionAssert.AreEqual(new[] { true, true, true }, Of(4)[1]);
        CollectionAssert.AreEqual(new[] { true, false, false }, Of(6)[0]);
        CollectionAssert.AreEqual(new[] { true, false, true }, Of(6)[1]);
    }

    [TestMethod]
    public void Cut_OfAllButOneOfEachLayer_LeavesTheLargest()
    {
        float[][] tensors = [[1, -3, 2], [0.1f, 0.2f, -0.3f]];
        var kept = Kept(tensors, 4, true, out double? threshold);
        CollectionAssert.AreEqual(new[] { false, true, false }, kept[0]);
        CollectionAssert.AreEqual(new[] { false, false, true }, kept[1]);
        Assert.AreEqual(4 / 13.0, threshold!.Value, 1e-6);
        Kept(tensors, 0, true, out threshold);
        Assert.IsNull(threshold);
    }

    private static bool[][] Kept(float[][] tensors, long removed, bool relative, out double? threshold)
    {
        using var scope = NewDisposeScope();
        var sorter = new MagnitudeSorter();
        var pool = new WeightPool([.. tensors.Select((t, i) => ScoreProfile.Of(new PrunableWeight($"{i}", WeightModule.Mlp, tensor(t)), sorter, relative))], threads: 2);
        var cut = pool.Cut(removed);
        threshold = cut.Threshold;
        Assert.AreEqual(removed, cut.Cuts.Sum(c => (long)c.Removed));
        return [.. cut.Cuts.Select(c =>
        {
            var kept = new byte[c.Weight.Count];
            c.Weight.Use(bits => c.Mark(bits, kept));
            Assert.AreEqual(c.Removed, kept.Count(k => k == 0));
            return kept.Select(k => k == 1).ToArray();
        })];
    }

    private sealed record Case(int Seed, int Count, int Levels, int Share, bool Relative)
    {
        public float[][] Tensors()
        {
            var random = new Random(Seed);
            return [.. Enumerable.Range(0, Count).Select(_ =>
            {
                float scale = MathF.Pow(10, random.Next(-6, 7));
                bool zeros = random.Next(6) == 0;
                return Enumerable.Range(0, random.Next(3) == 0 ? random.Next(1, 8) : random.Next(1, 1200))
                    .Select(_ => zeros ? 0 : scale * (Levels == 0 ? random.NextSingle() - 0.5f : random.Next(-Levels, Levels + 1))).ToArray();
            })];
        }
    }
}
