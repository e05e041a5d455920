using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class PlannedSizesTests
{
    [TestMethod]
    [DataRow("deit_base_patch16_224", "deit_small_patch16_224")]
    [DataRow("deit_base_patch16_224", "deit_tiny_patch16_224")]
    [DataRow("swin_small_patch4_window7_224", "swin_small_patch4_window7_224")]
    [DataRow("pvt_v2_b1", "pvt_v2_b0")]
    public void Plan_ForATargetPreset_GivesExactlyItsShapes(string from, string to)
    {
        var (dense, target) = (ModelPresets.Get(from), ModelPresets.Get(to));
        var plan = UnifiedPlanner.Plan(dense, RandomScores(dense), new UnifiedPruningOptions { Target = to });
        plan.Validate(dense);
        var sliced = ModelSlicer.Describe(dense, plan);
        Assert.AreEqual(target, sliced with { Architecture = target.Architecture });
        Assert.AreEqual(to, ModelPresets.NameOf(sliced));
    }

    [TestMethod]
    public void Plan_OfDeitBase_ByRatios_GivesTheSameAsTheTarget()
    {
        var dense = ModelPresets.Get("deit_base_patch16_224");
        var scores = RandomScores(dense);
        var ratios = UnifiedPlanner.Plan(dense, scores, new UnifiedPruningOptions { EmbedKeepRatio = 0.5, AttentionKeepRatio = 0.5, MlpKeepRatio = 0.5, Heads = 6 });
        Assert.AreEqual(UnifiedPlanner.Plan(dense, scores, new UnifiedPruningOptions { Target = "deit_small_patch16_224" }).ToJson(), ratios.ToJson());
        // A merged head of 128 channels keeps its 64 best: none of another head's.
        var block = ratios.Blocks[3];
        for (int head = 0; head < 6; head++)
        {
            var best = Enumerable.Range(head * 128, 128).OrderByDescending(c => scores.Attention[3][c]).Take(64).Order();
            CollectionAssert.AreEqual(best.ToArray(), block.AttentionChannels.Skip(head * 64).Take(64).ToArray());
        }
        CollectionAssert.AreEqual(Enumerable.Range(0, 768).OrderByDescending(c => scores.Embed[0][c]).Take(384).Order().ToArray(), ratios.Embed![0].ToArray());
    }

    [TestMethod]
    public void Plan_RoundsWidthsToTheMultiple()
    {
        var dense = ModelPresets.Get("vit_tiny_patch16_224");
        var options = new UnifiedPruningOptions { EmbedKeepRatio = 0.7, AttentionKeepRatio = 0.7, MlpKeepRatio = 0.3, WidthMultiple = 8 };
        var result = ModelSlicer.Describe(dense, UnifiedPlanner.Plan(dense, RandomScores(dense), options));
        Assert.AreEqual(136, result.NumFeatures);                                              // 134.4
        Assert.IsTrue(result.Blocks.All(b => b == new BlockConfiguration(3, 48, 232)));        // 44.8 (44.8 / 8 = 5.6) and 230.4
        var few = UnifiedPlanner.Plan(dense, RandomScores(dense), options with { AttentionKeepRatio = 0.01, MlpKeepRatio = 0.001 });
        Assert.AreEqual(new BlockConfiguration(3, 8, 8), few.Blocks[0].Result);
    }

    [TestMethod]
    [DataRow(BudgetMeasure.Macs, 1)]
    [DataRow(BudgetMeasure.Macs, 8)]
    [DataRow(BudgetMeasure.Parameters, 8)]
    public void Plan_WithABudget_SpendsItAndSparesTheBlocksThatMatter(BudgetMeasure measure, int multiple)
    {
        var dense = ModelPresets.Get("vit_tiny_patch16_224");
        var scores = RandomScores(dense);
        // Half of the first block's hidden channels count for nothing, and none of the second's stands out.
        for (int c = 0; c < 384; c++) scores.Mlp[0][c] = 1e-9;
        Array.Fill(scores.Mlp[1], 1);
        var plan = UnifiedPlanner.Plan(dense, scores, new UnifiedPruningOptions { Budget = new PruningBudget(measure, 0.7), WidthMultiple = multiple });
        var result = ModelSlicer.Describe(dense, plan);
        double Size(ModelConfiguration c) => measure == BudgetMeasure.Macs ? ModelSize.Of(c).Macs : ModelSize.Of(c).Parameters;
        double ratio = Size(result) / Size(dense);
        Assert.IsLessThanOrEqualTo(0.7, ratio);
        Assert.IsGreaterThan(0.69, ratio);
        Assert.IsTrue(result.Blocks.All(b => b.HeadDim % multiple == 0 && b.MlpHiddenDim % multiple == 0));
        Assert.IsLessThanOrEqualTo(384, result.Blocks.First().MlpHiddenDim);
        Assert.IsGreaterThan(result.Blocks.First().MlpHiddenDim, result.Blocks.ElementAt(1).MlpHiddenDim);
        Assert.IsTrue(plan.Blocks[0].MlpChannels.All(c => c >= 384));
    }

    [TestMethod]
    public void Plan_WithABudget_WeighsBlocksByLossesOfTheOutput_AndOtherScoresWithinABlockOnly()
    {
        var dense = ModelPresets.Get("vit_tiny_patch16_224");
        var scores = RandomScores(dense);
        // The last block's channels cost a hundredth of the others'.
        var (attention, mlp) = (scores.Attention.ToArray(), scores.Mlp.ToArray());
        (attention[^1], mlp[^1]) = ([.. attention[^1].Select(s => s / 100)], [.. mlp[^1].Select(s => s / 100)]);
        scores = scores with { Attention = attention, Mlp = mlp };
        var options = new UnifiedPruningOptions { Budget = new PruningBudget(BudgetMeasure.Macs, 0.9), WidthMultiple = 8 };
        BlockConfiguration Last(bool oneScale) => ModelSlicer.Describe(dense, UnifiedPlanner.Plan(dense, scores with { OneScale = oneScale }, options)).Blocks.Last();
        Assert.AreEqual(8, Last(oneScale: true).HeadDim);
        Assert.IsLessThan(200, Last(oneScale: true).MlpHiddenDim);
        Assert.IsGreaterThan(40, Last(oneScale: false).HeadDim);
        Assert.IsGreaterThan(500, Last(oneScale: false).MlpHiddenDim);
    }

    [TestMethod]
    public void Plan_WithABudgetThatCannotBeMet_SaysSo()
    {
        var dense = ModelPresets.Get("vit_tiny_patch16_224");
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            UnifiedPlanner.Plan(dense, RandomScores(dense), new UnifiedPruningOptions { Budget = new PruningBudget(BudgetMeasure.Macs, 0.01) }));
        StringAssert.Contains(error.Message, "Budget allows");
        // Before anything is scored, too.
        foreach (var options in (UnifiedPruningOptions[])[new() { Budget = new(BudgetMeasure.Macs, 0.01) }, new() { Budget = new(BudgetMeasure.Parameters, 0.09), WidthMultiple = 64 }])
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => UnifiedPlanner.CheckSizes(dense, options)).Message, "Budget allows");
    }

    [TestMethod]
    [DataRow(1, null)]
    [DataRow(8, null)]
    [DataRow(10, null)]
    [DataRow(1, 1)]
    public void Plan_WithTheLeastBudgetThatIsAccepted_ReachesIt(int multiple, int? heads)
    {
        var dense = ModelPresets.Get("vit_tiny_patch16_224");
        double low = 0, high = 1;
        while (high - low > 1e-6)
        {
            double middle = (low + high) / 2;
            if (BudgetSizes.Fault(dense, [192], new(BudgetMeasure.Macs, middle), heads, multiple) is null) high = middle;
            else low = middle;
        }
        var plan = UnifiedPlanner.Plan(dense, RandomScores(dense), new UnifiedPruningOptions { Budget = new(BudgetMeasure.Macs, high), WidthMultiple = multiple, Heads = heads });
        Assert.IsLessThanOrEqualTo(ModelSize.Of(dense).Macs * high, ModelSize.Of(ModelSlicer.Describe(dense, plan)).Macs);
    }

    [TestMethod]
    public void NameOf_TellsAModelByItsStructure()
    {
        foreach (var (name, preset) in ModelPresets.All)
        {
            Assert.AreEqual(name, ModelPresets.NameOf(preset));
            Assert.AreEqual(name, ModelPresets.NameOf(preset.WithClasses(7)));
        }
        var small = ModelPresets.Get("deit_small_patch16_224");
        Assert.AreEqual("deit_small_patch16_224", ModelPresets.NameOf(small with { Architecture = "deit_base_patch16_224" }));     // not vit_small, whose input is another
        Assert.IsNull(ModelPresets.NameOf(small with { LayerScale = true }));
    }

    [TestMethod]
    public void Plan_NamesWhatDoesNotFit()
    {
        var dense = ModelPresets.Get("deit_tiny_patch16_224");
        string Message(UnifiedPruningOptions options, ChannelScores scores) => Assert.ThrowsExactly<ArgumentException>(() => UnifiedPlanner.Plan(dense, scores, options)).Message;
        StringAssert.Contains(Message(new() { Target = "deit_small_patch16_224" }, RandomScores(dense)), "stage 0 has a width of 384");
        StringAssert.Contains(Message(new() { Target = "swin_tiny_patch4_window7_224" }, RandomScores(dense)), "Target is a Swin");
        StringAssert.Contains(Message(new() { Target = "resnet" }, RandomScores(dense)), "Target is 'resnet'");
        StringAssert.Contains(Message(new() { Target = "deit_tiny_patch16_224", Heads = 1 }, RandomScores(dense)), "Target sets all widths");
        StringAssert.Contains(Message(new() { Budget = new(BudgetMeasure.Macs, 2), MlpKeepRatio = 0.4 }, RandomScores(dense)), "Budget takes the place");
        StringAssert.Contains(Message(new() { EmbedKeepRatio = 0.5 }, RandomScores(dense) with { Embed = [] }), "residual channels were not scored");
        StringAssert.Contains(Message(new(), RandomScores(dense) with { Embed = [new double[3]] }), "192 residual channels; there are 3 scores");
    }

    private static ChannelScores RandomScores(ModelConfiguration configuration)
    {
        var random = new Random(11);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        return new ChannelScores("random", [.. configuration.Blocks.Select(b => Draw(b.AttentionDim))], [.. configuration.Blocks.Select(b => Draw(b.MlpHiddenDim))])
        {
            Embed = [.. configuration.Stages.Select(stage => Draw(stage.EmbedDim))],
        };
    }
}
