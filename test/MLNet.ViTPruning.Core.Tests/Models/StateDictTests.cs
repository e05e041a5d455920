using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class StateDictTests
{
    private static readonly string[] VitBlock = ["norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight", "attn.proj.bias",
        "norm2.weight", "norm2.bias", "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias"];

    private static readonly string[] PvtBlock = ["norm1", "attn.q", "attn.kv", "attn.proj", "norm2", "mlp.fc1", "mlp.dwconv", "mlp.fc2"];

    private static IEnumerable<string> ExpectedOfPvt(ModelConfiguration c)
    {
        List<string> layers = ["patch_embed.proj", "patch_embed.norm", "head"];
        for (int s = 0; s < c.Stages.Count; s++)
        {
            layers.Add($"stages.{s}.norm");
            if (s > 0) layers.AddRange([$"stages.{s}.downsample.proj", $"stages.{s}.downsample.norm"]);
            foreach (var (block, i) in c.Stages[s].Blocks.Select((block, i) => (block, i)))
            {
                layers.AddRange(PvtBlock.Take(block.HasAttention ? 4 : 0).Concat(PvtBlock.Skip(block.HasMlp ? 4 : 8)).Select(layer => $"stages.{s}.blocks.{i}.{layer}"));
                if (block.HasAttention && c.ReductionRatios![s] > 1) layers.AddRange([$"stages.{s}.blocks.{i}.attn.sr", $"stages.{s}.blocks.{i}.attn.norm"]);
            }
        }
        return layers.SelectMany(layer => new[] { layer + ".weight", layer + ".bias" });
    }

    private static IEnumerable<string> Expected(ModelConfiguration c)
    {
        if (c.Family == ModelFamily.PvtV2) return ExpectedOfPvt(c);
        List<string> keys = ["patch_embed.proj.weight", "patch_embed.proj.bias"];
        bool swin = c.Family == ModelFamily.Swin;
        if (swin) keys.AddRange(["patch_embed.norm.weight", "patch_embed.norm.bias", "norm.weight", "norm.bias", "head.fc.weight", "head.fc.bias"]);
        else keys.AddRange(["cls_token", "pos_embed", "head.weight", "head.bias"]);
        if (!swin) keys.AddRange(c.Pooling == Pooling.Mean ? ["fc_norm.weight", "fc_norm.bias"] : ["norm.weight", "norm.bias"]);
        if (c.DistillationToken) keys.AddRange(["dist_token", "head_dist.weight", "head_dist.bias"]);
        for (int s = 0; s < c.Stages.Count; s++)
        {
            if (s > 0) keys.AddRange([$"layers.{s}.downsample.norm.weight", $"layers.{s}.downsample.norm.bias", $"layers.{s}.downsample.reduction.weight"]);
            for (int i = 0; i < c.Stages[s].Blocks.Count; i++)
            {
                string prefix = swin ? $"layers.{s}.blocks.{i}." : $"blocks.{i}.";
                var block = c.Stages[s].Blocks[i];
                keys.AddRange(VitBlock.Where(k => k.Contains("mlp", StringComparison.Ordinal) || k.Contains("norm2", StringComparison.Ordinal) ? block.HasMlp : block.HasAttention).Select(k => prefix + k));
                if (swin && block.HasAttention) keys.Add(prefix + "attn.relative_position_bias_table");
                if (c.LayerScale && block.HasAttention) keys.Add(prefix + "ls1.gamma");
                if (c.LayerScale && block.HasMlp) keys.Add(prefix + "ls2.gamma");
            }
        }
        return keys;
    }

    [TestMethod]
    [DynamicData(nameof(ForwardTests.All), typeof(ForwardTests))]
    public void Keys_AreTimms_AlsoAfterAForwardPass(string name)
    {
        using var model = SmallModels.Random(ForwardTests.Named(name));
        using var images = SmallModels.Images(model.Configuration, 1);
        model.Precision = ComputePrecision.BFloat16;
        model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        SmallModels.Logits(model, images);
        CollectionAssert.AreEquivalent(Expected(model.Configuration).ToArray(), model.state_dict().Keys);
        CollectionAssert.AreEquivalent(model.state_dict().Keys, model.named_parameters().Select(p => p.Item1).ToArray());
    }

    [TestMethod]
    public void Shapes_AreTimms()
    {
        using var swin = VisionModel.CreateEmpty(SmallModels.Swin());
        using var vit = VisionModel.CreateEmpty(SmallModels.Vit(distilled: true));
        using var pvt = VisionModel.CreateEmpty(SmallModels.Pvt());
        foreach (var (model, key, shape) in new (VisionModel, string, long[])[]
        {
            (vit, "cls_token", [1, 1, 12]),
            (vit, "dist_token", [1, 1, 12]),
            (vit, "pos_embed", [1, 18, 12]),
            (vit, "patch_embed.proj.weight", [12, 3, 4, 4]),
            (vit, "blocks.1.attn.qkv.weight", [36, 12]),
            (vit, "blocks.2.attn.proj.weight", [12, 10]),
            (vit, "blocks.2.mlp.fc1.weight", [24, 12]),
            (vit, "head_dist.weight", [5, 12]),
            (swin, "layers.0.blocks.1.attn.relative_position_bias_table", [49, 2]),
            (swin, "layers.1.downsample.reduction.weight", [12, 32]),
            (swin, "layers.1.downsample.norm.weight", [32]),
            (swin, "head.fc.weight", [5, 16]),
            (pvt, "patch_embed.proj.weight", [8, 3, 7, 7]),
            (pvt, "stages.1.downsample.proj.weight", [12, 8, 3, 3]),
            (pvt, "stages.0.blocks.1.attn.sr.weight", [8, 8, 4, 4]),
            (pvt, "stages.1.blocks.1.attn.kv.weight", [20, 12]),
            (pvt, "stages.1.blocks.1.mlp.dwconv.weight", [20, 1, 3, 3]),
            (pvt, "head.weight", [5, 16]),
        })
            CollectionAssert.AreEqual(shape, model.state_dict()[key].shape, key);
    }

    [TestMethod]
    public void BiasTable_OfAStageSmallerThanItsWindow_FitsTheGrid()
    {
        using var model = VisionModel.CreateEmpty(SmallModels.Swin(imageSize: 16)); // grids of 8, 4 and 2; windows of 4, 4 and 2
        CollectionAssert.AreEqual(new long[] { 9, 4 }, model.state_dict()["layers.2.blocks.0.attn.relative_position_bias_table"].shape);
    }
}
