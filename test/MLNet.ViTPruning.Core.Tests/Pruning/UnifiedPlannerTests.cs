using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class UnifiedPlannerTests
{
    private static readonly ModelConfiguration Configuration = Describe();

    [TestMethod]
    public void Plan_DropsTheLowestOfEachHeadAndOfTheMlp()
    {
        double[] attention = [4, 1, 3, 2, /* head 1 */ 9, 9, 1, 8];
        double[] mlp = [0.1, 0.5, 0.2, 0.4];
        var plan = UnifiedPlanner.Plan(Configuration, Scores(attention, mlp), new UnifiedPruningOptions { AttentionKeepRatio = 0.5, MlpKeepRatio = 0.5 });
        CollectionAssert.AreEqual(new[] { 0, 2, 4, 5 }, plan.Blocks[0].AttentionChannels.ToArray());    // equal scores: the earlier channel stays
        CollectionAssert.AreEqual(new[] { 1, 3 }, plan.Blocks[0].MlpChannels.ToArray());
        Assert.AreEqual(new BlockConfiguration(2, 2, 2), plan.Blocks[0].Result);
        plan.Validate(Configuration);
    }

    [TestMethod]
    public void Validate_RefusesIndicesThatDoNotAscend()
    {
        var plan = UnifiedPlanner.Plan(Configuration, Scores([4, 1, 3, 2, 9, 9, 1, 8], [0.1, 0.5, 0.2, 0.4]), new UnifiedPruningOptions { AttentionKeepRatio = 0.5, MlpKeepRatio = 0.5 });
        int[] Embed(params int[] kept) => kept;
        PruningPlan With(BlockPlan block) => plan with { Blocks = [block, .. plan.Blocks.Skip(1)] };
        foreach (var (wrong, named) in ((PruningPlan, string)[])[
            (With(plan.Blocks[0] with { AttentionChannels = [2, 0, 4, 5] }), "attentionChannels must be ascending"),
            (With(plan.Blocks[0] with { AttentionChannels = [0, 0, 4, 5] }), "attentionChannels must be ascending"),
            (With(plan.Blocks[0] with { MlpChannels = [3, 1] }), "mlpChannels must be ascending"),
            (plan with { Embed = [Embed(1, 0)] }, "embed must be ascending")])
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => wrong.Validate(Configuration)).Message, named);
    }

    [TestMethod]
    public void Plan_WithMergedHeads_RanksAcrossTheHeadsThatMerge()
    {
        double[] attention = [4, 1, 3, 2, 9, 9, 1, 8];
        var plan = UnifiedPlanner.Plan(Configuration, Scores(attention, [1, 2, 3, 4]), new UnifiedPruningOptions { Heads = 1, AttentionKeepRatio = 0.5, MlpKeepRatio = 1 });
        CollectionAssert.AreEqual(new[] { 0, 4, 5, 7 }, plan.Blocks[0].AttentionChannels.ToArray());
        Assert.AreEqual(new BlockConfiguration(1, 4, 4), plan.Blocks[0].Result);
    }

    [TestMethod]
    public void Plan_WithTinyRatios_KeepsAtLeastOneChannel()
    {
        var plan = UnifiedPlanner.Plan(Configuration, Scores(new double[8], new double[4]), new UnifiedPruningOptions { AttentionKeepRatio = 0.01, MlpKeepRatio = 0.01 });
        Assert.AreEqual(new BlockConfiguration(2, 1, 1), plan.Blocks[0].Result);
    }

    [TestMethod]
    public void Plan_NamesEveryFaultAtOnce()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => UnifiedPlanner.Plan(Configuration, Scores(new double[7], new double[4]), new UnifiedPruningOptions { Heads = 3 }));
        StringAssert.Contains(error.Message, "7 and 4 scores");
        StringAssert.Contains(error.Message, "Heads is 3");

        var options = Assert.ThrowsExactly<ArgumentException>(new UnifiedPruningOptions { AttentionKeepRatio = 0, MlpKeepRatio = double.NaN, ProxyImages = 0, Heads = 0 }.Validate);
        foreach (var name in new[] { "AttentionKeepRatio is 0", "MlpKeepRatio is NaN", "ProxyImages is 0", "Heads is 0" }) StringAssert.Contains(options.Message, name);
    }

    [TestMethod]
    public void Plan_SurvivesJson()
    {
        var plan = UnifiedPlanner.Plan(Configuration, Scores([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4]), new UnifiedPruningOptions());
        var copy = PruningPlan.FromJson(plan.ToJson());
        Assert.AreEqual(plan.ToJson(), copy.ToJson());
        CollectionAssert.AreEqual(plan.Blocks[0].AttentionChannels.ToArray(), copy.Blocks[0].AttentionChannels.ToArray());
        StringAssert.Contains(plan.ToJson(), "\"attentionChannels\"");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("null")]
    [DataRow("{\"method\":\"unified\"}")]
    [DataRow("{\"method\":\"unified\",\"importance\":\"fisher\",\"blocks\":[{\"heads\":\"x\"}]}")]
    public void FromJson_OfABrokenPlan_IsInvalidData(string json) => Assert.ThrowsExactly<InvalidDataException>(() => PruningPlan.FromJson(json).Validate(Configuration));

    private static ChannelScores Scores(double[] attention, double[] mlp) => new("test", [attention], [mlp]);

    private static ModelConfiguration Describe() => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 8,
        PatchSize = 4,
        NumClasses = 2,
        Stages = [new(8, [new(2, 4, 4)])],
        Preprocessing = MLNet.ViTPruning.Imaging.Preprocessing.Half,
    };
}
