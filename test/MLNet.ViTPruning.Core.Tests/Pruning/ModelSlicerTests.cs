using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class ModelSlicerTests
{
    [TestMethod]
    [DataRow("vit", 4, 1, DisplayName = "ViT, heads kept")]
    [DataRow("vit", 2, 2, DisplayName = "ViT, heads merged in pairs")]
    [DataRow("vit", 1, 5, DisplayName = "ViT, all heads merged")]
    [DataRow("swin", 0, 1, DisplayName = "Swin, heads kept")]
    [DataRow("swin", 2, 3, DisplayName = "Swin, heads of the last stage merged")]
    [DataRow("pvt", 0, 1, DisplayName = "PVTv2, heads kept")]
    [DataRow("pvt", 2, 3, DisplayName = "PVTv2, heads of the last stages merged")]
    public void Slice_EqualsTheMaskedModelWithTheSameHeads_InFloat64And32(string family, int heads, int keptPerHead)
    {
        using var model = TinyModels.Of(family);
        var blocks = model.Configuration.Blocks.ToList();
        var random = new Random(3);
        var plan = new PruningPlan("unified", "random", [.. blocks.Select(block => Draw(block, heads == 0 ? block.Heads : heads, keptPerHead, random))]);
        // Merging alone keeps every channel; what is then masked must equal what is cut.
        var merge = plan with { Blocks = [.. blocks.Zip(plan.Blocks, (block, kept) => new BlockPlan(kept.Heads, All(block.AttentionDim), All(block.MlpHiddenDim)))] };

        foreach (var (dtype, tolerance) in new[] { (float64, 1e-9), (float32, 1e-4) })
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            using var dense = model.Copy();
            dense.to(dtype);
            using var merged = ModelSlicer.Slice(dense, merge);
            using var sliced = ModelSlicer.Slice(dense, plan);
            var images = TinyModels.Images(model, 3).to(dtype);
            var gains = new ChannelGains
            {
                Attention = [.. blocks.Zip(plan.Blocks, (block, kept) => Mask(block.AttentionDim, kept.AttentionChannels, dtype))],
                Mlp = [.. blocks.Zip(plan.Blocks, (block, kept) => Mask(block.MlpHiddenDim, kept.MlpChannels, dtype))],
            };
            double difference = (merged.Forward(images, gains) - sliced.forward(images)).abs().max().ToDouble();
            Assert.IsLessThanOrEqualTo(tolerance, difference);
            Assert.AreNotEqual(0, (merged.forward(images) - sliced.forward(images)).abs().max().ToDouble(), "the mask must matter");
        }
    }

    // What merging is, told without the slicer: the logits and position biases of the heads add, and their values stand side by side.
    [TestMethod]
    [DataRow("vit", 2)]
    [DataRow("vit", 1)]
    [DataRow("swin", 2)]
    [DataRow("pvt", 2)]
    public void Slice_MergingHeadsIntoTheFirstOfEachGroup_WhereTheOthersAreZero_ChangesNothing(string family, int heads)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Of(family);
        model.to(float64);
        model.WeightsChanged();
        var plan = new PruningPlan("unified", "none", [.. model.Configuration.Blocks.Select(b => new BlockPlan(heads, All(b.AttentionDim), All(b.MlpHiddenDim)))]);
        var images = TinyModels.Images(model, 3).to(float64);
        using (var merged = ModelSlicer.Slice(model, plan))
            Assert.IsGreaterThan(1e-3, (model.forward(images) - merged.forward(images)).abs().max().ToDouble(), "merging must matter");

        var weights = model.state_dict();
        foreach (var (block, prefix) in model.Configuration.Blocks.Zip(BlockKeys.Prefixes(model.Configuration)))
            foreach (int head in All(block.Heads).Where(head => head % (block.Heads / heads) != 0))
                Clear(weights, prefix + ".attn.", block, head);
        model.WeightsChanged();
        using var same = ModelSlicer.Slice(model, plan);
        Assert.IsLessThanOrEqualTo(1e-9, (model.forward(images) - same.forward(images)).abs().max().ToDouble());
    }

    [TestMethod]
    public void Slice_KeepingEverything_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Vit();
        var plan = new PruningPlan("unified", "none", [.. model.Configuration.Blocks.Select(b => new BlockPlan(b.Heads, All(b.AttentionDim), All(b.MlpHiddenDim)))]);
        using var sliced = ModelSlicer.Slice(model, plan);
        var images = TinyModels.Images(model, 2);
        Assert.IsTrue(model.forward(images).allclose(sliced.forward(images), 0, 0));
        Assert.AreEqual(model.Configuration, sliced.Configuration);
    }

    [TestMethod]
    public void Slice_LeavesTheOriginalAsItWas()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Vit();
        var images = TinyModels.Images(model, 2);
        var before = model.forward(images);
        var plan = new PruningPlan("unified", "random", [.. model.Configuration.Blocks.Select(b => Draw(b, 2, 1, new Random(1)))]);
        ModelSlicer.Slice(model, plan).Dispose();
        Assert.IsTrue(before.allclose(model.forward(images), 0, 0));
    }

    [TestMethod]
    public void Slice_WithAPlanOfAnotherModel_NamesAllFaults()
    {
        using var model = TinyModels.Vit();
        var plan = new PruningPlan("unified", "random", [new BlockPlan(3, [0, 1, 2], [0]), new BlockPlan(4, [0, 1, 4, 8], [99])]);
        var error = Assert.ThrowsExactly<ArgumentException>(() => ModelSlicer.Slice(model, plan));
        StringAssert.Contains(error.Message, "block 0: heads is 3");
        StringAssert.Contains(error.Message, "block 1: mlpChannels");
        StringAssert.Contains(error.Message, "block 1: the 4 heads keep 2, 1, 1");
    }

    [TestMethod]
    public void Slice_LeavesNoTensorsBehind()
    {
        using var model = TinyModels.Vit();
        var plan = new PruningPlan("unified", "random", [.. model.Configuration.Blocks.Select(b => Draw(b, 2, 1, new Random(1)))]);
        ModelSlicer.Slice(model, plan).Dispose();
        long before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        ModelSlicer.Slice(model, plan).Dispose();
        Assert.AreEqual(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static int[] All(int count) => [.. Enumerable.Range(0, count)];

    private static BlockPlan Draw(BlockConfiguration block, int heads, int keptPerHead, Random random)
    {
        int width = block.AttentionDim / heads;
        var attention = Enumerable.Range(0, heads).SelectMany(h => Choose(width, keptPerHead, random).Select(c => h * width + c)).ToList();
        return new BlockPlan(heads, attention, Choose(block.MlpHiddenDim, 5, random));
    }

    private static List<int> Choose(int count, int kept, Random random)
    {
        var all = All(count);
        random.Shuffle(all);
        return [.. all.Take(kept).Order()];
    }

    private static void Clear(Dictionary<string, Tensor> weights, string prefix, BlockConfiguration block, int head)
    {
        foreach (var (name, parts) in new[] { ("qkv", 3), ("q", 1), ("kv", 2) })
            foreach (var kind in (string[])["weight", "bias"])
                if (weights.TryGetValue($"{prefix}{name}.{kind}", out var weight))
                    for (int part = 0; part < parts; part++) weight.narrow(0, part * block.AttentionDim + head * block.HeadDim, block.HeadDim).zero_();
        if (weights.TryGetValue(prefix + "relative_position_bias_table", out var table)) table.narrow(1, head, 1).zero_();
    }

    private static Tensor Mask(int count, IReadOnlyList<int> kept, ScalarType dtype)
    {
        var mask = new double[count];
        foreach (int channel in kept) mask[channel] = 1;
        return tensor(mask).to(dtype).unsqueeze(0);    // [1, channels]
    }
}
