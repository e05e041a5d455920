using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class PlanHistoryTests
{
    [TestMethod]
    public void Append_OfTwoKinds_IsReadInOrder_AndTheLastPlanReadsItselfAlone()
    {
        using var model = TinyModels.Vit();
        var channels = Channels(model);
        using var narrow = ModelSlicer.Slice(model, channels);
        var depth = Depth(narrow);
        string json = PlanHistory.Append(channels.ToJson(), depth.ToJson());
        var plans = PlanHistory.FromJson(json);
        CollectionAssert.AreEqual(new[] { channels.ToJson(), depth.ToJson() }, plans.Select(plan => plan.ToJson()).ToArray());
        Assert.AreEqual(depth.ToJson(), DepthPlan.FromJson(json).ToJson());
        Assert.IsTrue(depth.ToJson().StartsWith("{\"method\":\"depth\"", StringComparison.Ordinal), depth.ToJson());
        Assert.HasCount(3, PlanHistory.FromJson(PlanHistory.Append(json, channels.ToJson())));
        Assert.AreEqual(channels.ToJson(), PlanHistory.Append(null, channels.ToJson()));
    }

    [TestMethod]
    public void Format_GivesTheSamePlans_AndALineForEveryList()
    {
        using var model = TinyModels.Vit();
        var channels = Channels(model);
        string json = PlanHistory.Append(channels.ToJson(), Depth(model).ToJson());
        CollectionAssert.AreEqual(PlanHistory.FromJson(json).Select(plan => plan.ToJson()).ToArray(), PlanHistory.FromJson(PlanHistory.Format(json)).Select(plan => plan.ToJson()).ToArray());
        var other = channels with { Blocks = [channels.Blocks[0], channels.Blocks[1] with { MlpChannels = [.. channels.Blocks[1].MlpChannels.Skip(1)] }] };
        string[] lines = PlanHistory.Format(channels.ToJson()).Split('\n'), others = PlanHistory.Format(other.ToJson()).Split('\n');
        Assert.HasCount(lines.Length, others);
        Assert.HasCount(1, lines.Zip(others).Where(pair => pair.First != pair.Second).ToList());
    }

    [TestMethod]
    public void BlockOrigins_OfTwoDepthPrunings_AreThoseOfTheFirstModel()
    {
        using var model = TinyModels.Vit();
        string channels = Channels(model).ToJson();
        string first = (Depth(model) with { Blocks = [new(0, 0), new(1, 2), new(4, null), new(null, null)] }).ToJson();
        string second = (Depth(model) with { Blocks = [new(0, 1), new(2, 2)] }).ToJson();
        CollectionAssert.AreEqual(new[] { 0, 2, 4, 4 }, PlanHistory.BlockOrigins(first)!.ToArray());
        CollectionAssert.AreEqual(new[] { 2, 4 }, PlanHistory.BlockOrigins(PlanHistory.Append(PlanHistory.Append(first, channels), second))!.ToArray());
        Assert.IsNull(PlanHistory.BlockOrigins(channels));
    }

    [TestMethod]
    public void From_BeginsWithThePlanOfTheModelsWeights()
    {
        using var model = TinyModels.Vit();
        using var other = TinyModels.Vit(seed: 2);
        var channels = Channels(model);
        using var narrow = ModelSlicer.Slice(model, channels);
        IReadOnlyList<IPruningPlan> plans = [channels, Depth(narrow)];
        Assert.HasCount(2, plans.From(model));
        Assert.AreSame(plans[1], plans.From(narrow).Single());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => plans.From(other)).Message, "None of the 2 pruning plans");
    }

    [TestMethod]
    public void ADepthPlan_IsRefusedForOtherWeights()
    {
        using var model = TinyModels.Vit();
        using var other = TinyModels.Vit(seed: 2);
        using var images = TinyModels.Images(model, 4);
        var result = DepthPruner.Prune(model, () => [images.clone()], new DepthPruningOptions { Removals = 1, Recovery = new() { Method = RecoveryMethod.None } });
        using var shorter = result.Model;
        Assert.AreEqual(WeightsHash.Of(model), result.Plan.WeightsHash);
        var read = DepthPlan.FromJson(result.Plan.ToJson());
        Assert.AreEqual(result.Plan.ToJson(), read.ToJson());
        using var again = DepthSurgery.Apply(model, read);
        Assert.AreEqual(WeightsHash.Of(shorter), WeightsHash.Of(again));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => DepthSurgery.Apply(other, read)).Message, "other weights");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[1]")]
    [DataRow("{}")]
    [DataRow("{\"method\":\"depth\"}")]
    [DataRow("{\"method\":\"dead-groups\",\"deadGroups\":[]}")]
    [DataRow("{\"method\":\"dimap\",\"importance\":\"energy\"}")]
    [DataRow("{\"method\":\"unified\",\"importance\":\"x\",\"blocks\":[],\"before\":3}")]
    public void FromJson_OfABrokenHistory_IsInvalidData(string json) => Assert.ThrowsExactly<InvalidDataException>(() => PlanHistory.FromJson(json));

    private static PruningPlan Channels(VisionModel model) =>
        new("unified", "none", [.. model.Configuration.Blocks.Select(b => new BlockPlan(b.Heads, [.. Enumerable.Range(0, b.AttentionDim)], [0, 2, 5]))]) { WeightsHash = WeightsHash.Of(model) };

    private static DepthPlan Depth(VisionModel model)
    {
        var removed = new DepthCandidate(new(1, BlockHalf.Attention), new(1, BlockHalf.Mlp), 0.125);
        return new("kl", 4, [new DepthRemoval(removed, [removed])], [new BlockOrigin(0, 0)]) { WeightsHash = WeightsHash.Of(model) };
    }
}
