using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

[TestClass]
public sealed class DeadGroupsTests
{
    // What is set to zero in block 0 (heads of 4 channels, MLP of 16 or 24), and what may go: heads, attention channels, MLP channels.
    [TestMethod]
    [DataRow("vit", "", 0, 0, 0)]
    [DataRow("vit", "fc1 2; fc1 5; out 7", 0, 0, 3)]
    [DataRow("swin", "fc1 0; out 0; out 15", 0, 0, 2)]
    [DataRow("mean, layer scale", "fc1 2; out 3; v 0 1 2 3", 1, 0, 2, DisplayName = "LayerScale")]
    [DataRow("distilled", "k 1 5 9 13; v 2 6 10 14", 0, 4, 0, DisplayName = "one channel of every head, keys and values at other places")]
    [DataRow("swin", "k 1 5; v 1; proj 6", 0, 2, 0)]
    [DataRow("swin", "k 1; v 1 5", 0, 0, 0, DisplayName = "head 1 has no dead key: all stay")]
    [DataRow("swin", "q 1 5; v 1 5", 0, 0, 0, DisplayName = "the query's bias still tells keys apart")]
    [DataRow("swin", "q 1 5; qbias 1 5; v 1 5", 0, 2, 0)]
    [DataRow("swin", "v 4 5; proj 6 7", 1, 0, 0, DisplayName = "head 1 passes on constants")]
    [DataRow("swin", "v 0 1 2 3 4 5 6 7", 1, 0, 0, DisplayName = "all heads dead, one stays")]
    [DataRow("vit", "v 0 1 2 3 5 9 13; k 5 9 13", 1, 3, 0, DisplayName = "a head, then a channel of the others")]
    [DataRow("pvt", "fc1 3; fc1 4; fc1bias 4; conv 6; out 8", 0, 0, 3, DisplayName = "behind a convolution a constant must be zero")]
    [DataRow("pvt", "k 1 5; v 2 6", 0, 2, 0)]
    public void Remove_TakesWhatIsDead_AndTheModelComputesTheSame(string family, string zeros, int heads, int attention, int mlp)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Of(family);
        model.to(float64);
        Zero(model, zeros);
        var removal = DeadGroups.Remove(model);
        using var smaller = removal.Model;
        Assert.AreEqual(new DeadGroupCounts(0, heads, attention, mlp), removal.Blocks[0]);
        Assert.IsTrue(removal.Blocks.Skip(1).All(block => block is { Heads: 0, AttentionChannels: 0, MlpChannels: 0 }));
        var (before, after) = (model.Configuration.Blocks.First(), smaller.Configuration.Blocks.First());
        Assert.AreEqual(before.Heads - heads, after.Heads);
        Assert.AreEqual((before.Heads - heads) * before.HeadDim - attention, after.AttentionDim);
        Assert.AreEqual(before.MlpHiddenDim - mlp, after.MlpHiddenDim);
        AreEqual(model, smaller);
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Remove_AfterRandomZerosEverywhere_ComputesTheSame_AndAgainFindsNothing(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int gone = 0;
        for (int seed = 0; seed < 6; seed++)
        {
            using var model = TinyModels.Of(family);
            model.to(float64);
            var random = new Random(seed);
            foreach (var (name, weight) in model.state_dict())
            {
                if (!name.Contains(".attn.", StringComparison.Ordinal) && !name.Contains(".mlp.", StringComparison.Ordinal)) continue;
                if (name.Contains(".attn.sr", StringComparison.Ordinal) || name.Contains(".attn.norm", StringComparison.Ordinal)) continue;
                for (int row = 0; row < weight.shape[0]; row++)
                    if (random.NextDouble() < 0.6) weight.narrow(0, row, 1).zero_();
            }
            model.WeightsChanged();
            var removal = DeadGroups.Remove(model);
            using var smaller = removal.Model;
            gone += removal.Blocks.Sum(block => block.Heads + block.AttentionChannels + block.MlpChannels);
            AreEqual(model, smaller);
            var again = DeadGroups.Remove(smaller);
            using var same = again.Model;
            Assert.IsTrue(again.Blocks.All(block => block is { Heads: 0, AttentionChannels: 0, MlpChannels: 0 }));
        }
        Assert.IsGreaterThan(20, gone);
    }

    [TestMethod]
    public void Remove_WhereAllOfAnMlpIsDead_KeepsOneChannel_AndLeavesTheModelAsItWas()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Vit();
        var weights = model.state_dict();
        weights["blocks.1.mlp.fc1.weight"].zero_();
        model.WeightsChanged();
        var hash = WeightsHash.Of(model);
        var removal = DeadGroups.Remove(model);
        using var smaller = removal.Model;
        Assert.AreEqual(1, smaller.Configuration.Blocks.ElementAt(1).MlpHiddenDim);
        Assert.AreEqual(hash, WeightsHash.Of(model));
        var images = TinyModels.Images(model, 2);
        Assert.IsLessThanOrEqualTo(1e-4, (model.forward(images) - smaller.forward(images)).abs().max().ToDouble());
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    public void Remove_AfterDimap_ComputesTheSame_AndTheMasksFollow(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = TinyModels.Of(family);
        using var model = WeightPruner.Prune(dense, new DimapOptions { Ratio = 0.9 }).Model;
        model.to(float64);
        var removal = DeadGroups.Remove(model);
        using var smaller = removal.Model;
        Assert.IsGreaterThan(0, removal.Blocks.Sum(block => block.Heads + block.AttentionChannels + block.MlpChannels));
        AreEqual(model, smaller);
        Assert.IsTrue(model.WeightMasks.Keys.Order().SequenceEqual(smaller.WeightMasks.Keys.Order()));
        var weights = smaller.state_dict();
        foreach (var (name, mask) in smaller.WeightMasks)
        {
            CollectionAssert.AreEqual(weights[name].shape, mask.shape);
            Assert.AreEqual(0, weights[name].masked_select(mask.logical_not()).count_nonzero().ToInt64());
            Assert.IsLessThan(mask.numel(), mask.count_nonzero().ToInt64(), name);
        }
    }

    [TestMethod]
    public void Remove_LeavesNoTensorsBehind()
    {
        using var model = TinyModels.Swin();
        using (no_grad()) Zero(model, "fc1 1; v 0 1 2 3");
        DeadGroups.Remove(model).Model.Dispose();
        long before = LiveTensors.AfterCollection();
        DeadGroups.Remove(model).Model.Dispose();
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private static void AreEqual(VisionModel model, VisionModel smaller)
    {
        var images = TinyModels.Images(model, 3).to(float64);
        Assert.IsLessThanOrEqualTo(1e-9, (model.forward(images) - smaller.forward(images)).abs().max().ToDouble());
    }

    /// <summary>Sets rows or columns of block 0 to zero, as in "k 1 5; out 3".</summary>
    private static void Zero(VisionModel model, string zeros)
    {
        using var scope = NewDisposeScope();
        var weights = model.state_dict();
        var prefix = NaiveDistortion.Prefixes(model.Configuration)[0];
        int width = model.Configuration.Blocks.First().AttentionDim;
        bool pvt = model.Configuration.Family == ModelFamily.PvtV2;
        foreach (var group in zeros.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            var words = group.Split(' ');
            foreach (int index in words[1..].Select(int.Parse))
            {
                var (name, dimension, at) = words[0] switch
                {
                    "fc1" => ("mlp.fc1.weight", 0, index),
                    "fc1bias" => ("mlp.fc1.bias", 0, index),
                    "conv" => ("mlp.dwconv.weight", 0, index),
                    "out" => ("mlp.fc2.weight", 1, index),
                    "proj" => ("attn.proj.weight", 1, index),
                    "q" => (pvt ? "attn.q.weight" : "attn.qkv.weight", 0, index),
                    "qbias" => (pvt ? "attn.q.bias" : "attn.qkv.bias", 0, index),
                    "k" => (pvt ? "attn.kv.weight" : "attn.qkv.weight", 0, (pvt ? 0 : width) + index),
                    "v" => (pvt ? "attn.kv.weight" : "attn.qkv.weight", 0, (pvt ? 1 : 2) * width + index),
                    _ => throw new ArgumentOutOfRangeException(nameof(zeros), words[0], null),
                };
                weights[$"{prefix}.{name}"].narrow(dimension, at, 1).zero_();
            }
        }
        model.WeightsChanged();
    }
}
