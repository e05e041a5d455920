using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

[TestClass]
public sealed class StructuredDimapPlannerTests
{
    private static readonly ModelConfiguration Swin = ModelPresets.Get("swin_tiny_patch4_window7_224");

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.7)]
    [DataRow(0.95)]
    public void Plan_CutsEachPoolAtOneThreshold_ExactlyFloorOfTheShare(double keep)
    {
        var scores = RandomScores(Swin, AttentionUnit.Heads);
        var plan = Plan(Swin, scores, new() { MlpKeepRatio = keep, AttentionKeepRatio = keep, AttentionUnit = AttentionUnit.Heads });
        var all = scores.Mlp.SelectMany(block => block).Order().ToList();
        int removed = (int)Math.Floor((1 - keep) * all.Count + 1e-9);
        Assert.AreEqual(all.Count - removed, plan.Blocks.Sum(block => block.MlpChannels.Count));
        foreach (var (block, i) in plan.Blocks.Select((block, i) => (block, i)))
            CollectionAssert.AreEqual(Enumerable.Range(0, scores.Mlp[i].Length).Where(c => scores.Mlp[i][c] >= all[removed]).ToArray(), block.MlpChannels.ToArray());
        // The pool of heads is cut by its own threshold.
        var heads = Swin.Blocks.Zip(scores.Attention, (block, channels) => channels.Where((_, c) => c % block.HeadDim == 0).ToArray()).ToList();
        var allHeads = heads.SelectMany(block => block).Order().ToList();
        double lowest = allHeads[(int)Math.Floor((1 - keep) * allHeads.Count + 1e-9)];
        CollectionAssert.AreEqual(heads.Select(block => Math.Max(1, block.Count(score => score >= lowest))).ToArray(), plan.Blocks.Select(block => block.Heads).ToArray());
        Assert.IsTrue(plan.Blocks.Zip(Swin.Blocks).All(pair => pair.First.Result.HeadDim == pair.Second.HeadDim));
    }

    [TestMethod]
    public void Plan_OfHeads_NamesThoseThatStay_AndKeepsAllTheirChannels()
    {
        var configuration = Small(heads: 3);
        var plan = Plan(configuration, new("test", [[.. Each(0.2, 4), .. Each(1, 4), .. Each(0.4, 4)], [.. Each(1, 4), .. Each(0.9, 4), .. Each(0.8, 4)]], [[1], [1]]),
            new() { AttentionKeepRatio = 0.67, AttentionUnit = AttentionUnit.Heads });
        CollectionAssert.AreEqual(new[] { 1, 2 }, plan.Blocks[0].KeptHeads!.ToArray());    // of six heads one goes
        CollectionAssert.AreEqual(Enumerable.Range(4, 8).ToArray(), plan.Blocks[0].AttentionChannels.ToArray());
        Assert.IsNull(plan.Blocks[1].KeptHeads);
        Assert.AreEqual(new BlockConfiguration(2, 4, 1), plan.Blocks[0].Result);
        var copy = PruningPlan.FromJson(plan.ToJson());
        copy.Validate(configuration);
        Assert.AreEqual(plan.ToJson(), copy.ToJson());
        StringAssert.Contains(plan.ToJson(), "\"keptHeads\":[1,2]");
    }

    [TestMethod]
    public void Plan_OfChannels_RoundsABlocksCountToItsHeads_AndEveryHeadDropsItsOwnLowest()
    {
        // Of 13 channels above the threshold block 0 has 5: 2.5 for each head, and halves are rounded up.
        double[] first = [0.9, 0.8, 0.1, 0.7, /* head 1 */ 0.2, 0.3, 0.6, 0.95];
        double[] second = [.. Each(1, 8)];
        var plan = Plan(Small(heads: 2), new("test", [first, second], [[1], [1]]), new() { AttentionKeepRatio = 13 / 16.0 });
        Assert.AreEqual(3, plan.Blocks[0].Result.HeadDim);
        CollectionAssert.AreEqual(new[] { 0, 1, 3, /* head 1 */ 5, 6, 7 }, plan.Blocks[0].AttentionChannels.ToArray());
        var fewer = Plan(Small(heads: 2), new("test", [first, second], [[1], [1]]), new() { AttentionKeepRatio = 12 / 16.0 });
        CollectionAssert.AreEqual(new[] { 0, 1, /* head 1 */ 6, 7 }, fewer.Blocks[0].AttentionChannels.ToArray());
        Assert.AreEqual(4, plan.Blocks[1].Result.HeadDim);
    }

    [TestMethod]
    [DataRow(AttentionUnit.Channels, 1)]
    [DataRow(AttentionUnit.Channels, 8)]
    [DataRow(AttentionUnit.Heads, 1)]
    public void Plan_WithTinyRatios_KeepsOneGroupOfEachBlock(AttentionUnit unit, int multiple)
    {
        var plan = Plan(Swin, RandomScores(Swin, unit), new() { MlpKeepRatio = 1e-4, AttentionKeepRatio = 1e-4, AttentionUnit = unit, WidthMultiple = multiple });
        plan.Validate(Swin);
        foreach (var (before, after) in Swin.Blocks.Zip(plan.Blocks))
            Assert.AreEqual(unit == AttentionUnit.Heads ? new BlockConfiguration(1, before.HeadDim, multiple) : new(before.Heads, multiple, multiple), after.Result);
    }

    [TestMethod]
    [DataRow(BudgetMeasure.Macs, AttentionUnit.Channels, 1, 0.005)]
    [DataRow(BudgetMeasure.Macs, AttentionUnit.Channels, 8, 0.03)]
    [DataRow(BudgetMeasure.Parameters, AttentionUnit.Heads, 8, 0.02)]
    public void Plan_WithABudget_TakesTheLargestShareThatIsWithinIt(BudgetMeasure measure, AttentionUnit unit, int multiple, double slack)
    {
        double Size(ModelConfiguration c) => measure == BudgetMeasure.Macs ? ModelSize.Of(c).Macs : ModelSize.Of(c).Parameters;
        var scores = RandomScores(Swin, unit);
        double before = 1;
        foreach (double keep in (double[])[1, 0.67, 0.5, 0.3])
        {
            var plan = Plan(Swin, scores, new() { Budget = new(measure, keep), AttentionUnit = unit, WidthMultiple = multiple });
            plan.Validate(Swin);
            var result = ModelSlicer.Describe(Swin, plan);
            double ratio = Size(result) / Size(Swin);
            Assert.IsTrue(ratio <= keep && ratio <= before && ratio > keep - slack, $"{ratio} of {keep}");
            Assert.IsTrue(result.Blocks.All(b => b.MlpHiddenDim % multiple == 0 && b.HeadDim % multiple == 0));
            before = ratio;
        }
        var error = Assert.ThrowsExactly<ArgumentException>(() => Plan(Swin, scores, new() { Budget = new(measure, 0.01), AttentionUnit = unit }));
        StringAssert.Contains(error.Message, "Budget allows");
    }

    [TestMethod]
    public void Plan_OfAModel_IsBoundToItsWeights_AndTheSameAgain()
    {
        using var model = TinyModels.Swin();
        using var other = TinyModels.Swin(seed: 2);
        var options = new StructuredDimapOptions();
        var plan = StructuredDimapPlanner.Plan(model, options);
        Assert.AreEqual("dimap-structured", plan.Method);
        Assert.AreEqual(plan.ToJson(), StructuredDimapPlanner.Plan(model, options).ToJson());
        using var sliced = ModelSlicer.Slice(model, plan);
        Assert.ThrowsExactly<ArgumentException>(() => ModelSlicer.Slice(other, plan));
    }

    [TestMethod]
    public void EveryFaultIsNamedAtOnce()
    {
        var options = new StructuredDimapOptions { MlpKeepRatio = 0, AttentionKeepRatio = double.NaN, WidthMultiple = 0, BatchSize = 0, AttentionUnit = (AttentionUnit)7, Budget = new(BudgetMeasure.Macs, 2), Recovery = new() { Images = 0 } };
        var error = Assert.ThrowsExactly<ArgumentException>(options.Validate);
        foreach (var name in new[] { "MlpKeepRatio is 0", "AttentionKeepRatio is NaN", "WidthMultiple is 0", "BatchSize is 0", "AttentionUnit is 7", "Budget.KeepRatio is 2", "Budget takes the place", "Recovery.Images is 0" })
            StringAssert.Contains(error.Message, name);
        Assert.ThrowsExactly<ArgumentException>(() => Plan(Small(heads: 2), new("test", [[1]], [[1]]), new()));

        var misfit = new PruningPlan("dimap-structured", "x",
        [
            new BlockPlan(2, [0, 1, 2, 3, 4, 5, 6, 7], [0]) { KeptHeads = [1, 2] },
            new BlockPlan(2, [0, 1, 2, 3], [0]) { KeptHeads = [2] },
        ]);
        string message = Assert.ThrowsExactly<ArgumentException>(() => misfit.Validate(Small(heads: 3))).Message;
        StringAssert.Contains(message, "block 0: the 2 heads keep 4, 4 channels");
        StringAssert.Contains(message, "block 1: keptHeads");
    }

    private static PruningPlan Plan(ModelConfiguration configuration, ChannelScores scores, StructuredDimapOptions options) => StructuredDimapPlanner.Plan(configuration, scores, options);

    private static IEnumerable<double> Each(double value, int count) => Enumerable.Repeat(value, count);

    private static ModelConfiguration Small(int heads) => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 8,
        PatchSize = 4,
        NumClasses = 2,
        Stages = [new(8, [new(heads, 4, 1), new(heads, 4, 1)])],
        Preprocessing = MLNet.ViTPruning.Imaging.Preprocessing.Half,
    };

    private static ChannelScores RandomScores(ModelConfiguration configuration, AttentionUnit unit)
    {
        var random = new Random(11);
        double[] Draw(int count, int repeat = 1) => [.. Enumerable.Range(0, count / repeat).Select(_ => random.NextDouble()).SelectMany(score => Each(score, repeat))];
        return new ChannelScores("random", [.. configuration.Blocks.Select(b => Draw(b.AttentionDim, unit == AttentionUnit.Heads ? b.HeadDim : 1))], [.. configuration.Blocks.Select(b => Draw(b.MlpHiddenDim))]);
    }
}
