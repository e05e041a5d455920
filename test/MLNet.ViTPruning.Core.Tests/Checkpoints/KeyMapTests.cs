using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.KeyMaps;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class KeyMapTests
{
    /// <summary>Names with one-element tensors whose value is the name's position.</summary>
    private static MappedCheckpoint Mapped(params string[] names)
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, names.Select((n, i) => (n, tensor(new[] { (float)i }))));
        return new MappedCheckpoint(SafetensorsFile.Read(stream.ToArray()));
    }

    [TestMethod]
    public void HuggingFaceVit_EveryNameOfItsDocumentation_BecomesTimms()
    {
        foreach (string prefix in new[] { "vit.", "" })
        {
            using var mapped = Mapped([.. new[] { "embeddings.cls_token", "embeddings.position_embeddings", "embeddings.patch_embeddings.projection.weight", "embeddings.patch_embeddings.projection.bias",
                "encoder.layer.11.attention.attention.query.weight", "encoder.layer.11.attention.attention.query.bias", "encoder.layer.11.attention.attention.key.weight", "encoder.layer.11.attention.attention.key.bias",
                "encoder.layer.11.attention.attention.value.weight", "encoder.layer.11.attention.attention.value.bias", "encoder.layer.11.attention.output.dense.weight", "encoder.layer.11.attention.output.dense.bias",
                "encoder.layer.11.intermediate.dense.weight", "encoder.layer.11.output.dense.bias", "encoder.layer.11.layernorm_before.weight", "encoder.layer.11.layernorm_after.bias",
                "layernorm.weight", "pooler.dense.weight" }.Select(n => prefix + n), "classifier.weight", "classifier.bias"]);
            Assert.AreEqual("Hugging Face ViT or DeiT", mapped.Map.Name);
            Assert.IsEmpty(mapped.Faults);
            CollectionAssert.AreEqual(new[] { "blocks.11.attn.proj.bias", "blocks.11.attn.proj.weight", "blocks.11.attn.qkv.bias", "blocks.11.attn.qkv.weight", "blocks.11.mlp.fc1.weight", "blocks.11.mlp.fc2.bias",
                "blocks.11.norm1.weight", "blocks.11.norm2.bias", "cls_token", "head.bias", "head.weight", "norm.weight", "patch_embed.proj.bias", "patch_embed.proj.weight", "pos_embed" }, mapped.Names.ToArray());
            using var qkv = mapped.ReadTensor("blocks.11.attn.qkv.bias");
            CollectionAssert.AreEqual(new float[] { 5, 7, 9 }, qkv.data<float>().ToArray()); // query, key, value in this order
            CollectionAssert.AreEqual(new long[] { 3 }, mapped.ShapeOf("blocks.11.attn.qkv.bias").ToArray());
        }
    }

    [TestMethod]
    public void HuggingFaceDeit_Distilled_HasBothTokensAndHeads()
    {
        using var mapped = Mapped("deit.embeddings.cls_token", "deit.embeddings.distillation_token", "deit.encoder.layer.0.attention.attention.query.weight", "deit.encoder.layer.0.attention.attention.key.weight",
            "deit.encoder.layer.0.attention.attention.value.weight", "cls_classifier.weight", "distillation_classifier.weight", "deit.layernorm.bias");
        Assert.IsEmpty(mapped.Faults);
        CollectionAssert.AreEqual(new[] { "blocks.0.attn.qkv.weight", "cls_token", "dist_token", "head.weight", "head_dist.weight", "norm.bias" }, mapped.Names.ToArray());
    }

    [TestMethod]
    public void HuggingFaceSwin_EveryNameOfItsDocumentation_BecomesTimms()
    {
        using var mapped = Mapped("swin.embeddings.patch_embeddings.projection.weight", "swin.embeddings.norm.weight", "swin.encoder.layers.0.blocks.1.attention.self.query.weight",
            "swin.encoder.layers.0.blocks.1.attention.self.key.weight", "swin.encoder.layers.0.blocks.1.attention.self.value.weight", "swin.encoder.layers.0.blocks.1.attention.self.relative_position_bias_table",
            "swin.encoder.layers.0.blocks.1.attention.self.relative_position_index", "swin.encoder.layers.0.blocks.1.attention.output.dense.weight", "swin.encoder.layers.0.blocks.1.layernorm_before.bias",
            "swin.encoder.layers.0.blocks.1.layernorm_after.bias", "swin.encoder.layers.0.blocks.1.intermediate.dense.bias", "swin.encoder.layers.0.blocks.1.output.dense.bias",
            "swin.encoder.layers.0.downsample.norm.weight", "swin.encoder.layers.2.downsample.reduction.weight", "swin.layernorm.weight", "classifier.bias");
        Assert.AreEqual("Hugging Face Swin", mapped.Map.Name);
        Assert.IsEmpty(mapped.Faults);
        CollectionAssert.AreEqual(new[] { "head.fc.bias", "layers.0.blocks.1.attn.proj.weight", "layers.0.blocks.1.attn.qkv.weight", "layers.0.blocks.1.attn.relative_position_bias_table", "layers.0.blocks.1.mlp.fc1.bias",
            "layers.0.blocks.1.mlp.fc2.bias", "layers.0.blocks.1.norm1.bias", "layers.0.blocks.1.norm2.bias", "layers.1.downsample.norm.weight", "layers.3.downsample.reduction.weight", "norm.weight",
            "patch_embed.norm.weight", "patch_embed.proj.weight" }, mapped.Names.ToArray());
    }

    [TestMethod]
    public void MicrosoftSwin_MergingMovesToTheNextStage_BuffersGo_HeadIsRenamed()
    {
        using var mapped = Mapped("layers.0.blocks.0.attn.qkv.weight", "layers.0.blocks.0.attn.relative_position_index", "layers.0.blocks.1.attn_mask", "layers.0.downsample.norm.weight", "layers.2.downsample.reduction.weight",
            "layers.3.blocks.1.norm2.bias", "norm.bias", "head.weight", "patch_embed.norm.bias");
        Assert.AreEqual("Microsoft Swin", mapped.Map.Name);
        Assert.IsEmpty(mapped.Faults);
        CollectionAssert.AreEqual(new[] { "head.fc.weight", "layers.0.blocks.0.attn.qkv.weight", "layers.1.downsample.norm.weight", "layers.3.blocks.1.norm2.bias", "layers.3.downsample.reduction.weight", "norm.bias", "patch_embed.norm.bias" },
            mapped.Names.ToArray());
    }

    [TestMethod]
    public void TimmSwin_NamesStay_BuffersGo()
    {
        using var mapped = Mapped("layers.0.blocks.0.attn.qkv.weight", "layers.0.blocks.0.attn.relative_position_index", "layers.1.downsample.norm.weight", "head.fc.weight", "norm.bias");
        Assert.AreEqual("timm Swin", mapped.Map.Name);
        CollectionAssert.AreEqual(new[] { "head.fc.weight", "layers.0.blocks.0.attn.qkv.weight", "layers.1.downsample.norm.weight", "norm.bias" }, mapped.Names.ToArray());
    }

    [TestMethod]
    public void DeitThree_GainsAreRenamed()
    {
        using var mapped = Mapped("blocks.0.gamma_1", "blocks.0.gamma_2", "blocks.0.attn.qkv.weight");
        CollectionAssert.AreEqual(new[] { "blocks.0.attn.qkv.weight", "blocks.0.ls1.gamma", "blocks.0.ls2.gamma" }, mapped.Names.ToArray());
    }

    [TestMethod]
    public void TimmVit_EveryNameStays()
    {
        string[] names = ["blocks.0.attn.qkv.weight", "blocks.0.ls1.gamma", "cls_token", "dist_token", "fc_norm.weight", "head.weight", "head_dist.bias", "pos_embed"];
        using var mapped = Mapped(names);
        CollectionAssert.AreEqual(names, mapped.Names.ToArray());
    }

    [TestMethod]
    [DataRow("encoder.layer.0.attention.attention.value.weight", "only encoder.layer.0.attention.attention.value.weight of its 3 parts")]
    [DataRow("encoder.layer.0.attention.attention.value.weight|decoder.weight", "decoder.weight: left over, Hugging Face ViT or DeiT has no such name")]
    [DataRow("encoder.layer.0.attention.attention.value.weight|classifier.bias|cls_classifier.bias", "cls_classifier.bias: head.bias has another source already")]
    public void NamesThatDoNotFitTheMap_AreListed(string names, string expected)
    {
        using var mapped = Mapped(names.Split('|'));
        StringAssert.Contains(string.Join("\n", mapped.Faults), expected);
    }

    [TestMethod]
    public void PartsThatCannotBeJoined_AreListedWithTheirShapes()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [("encoder.layer.0.attention.attention.query.weight", ones(2, 2)), ("encoder.layer.0.attention.attention.key.weight", ones(2, 3)), ("encoder.layer.0.attention.attention.value.weight", ones(2, 2))]);
        using var file = SafetensorsFile.Read(stream.ToArray());
        using var mapped = new MappedCheckpoint(file);
        StringAssert.Contains(mapped.Faults.Single(), "key.weight [2, 3]");
        Assert.IsEmpty(mapped.Names);
    }

    [TestMethod]
    [DataRow("blocks.3.attn.q_norm.weight", "qk-norm")]
    [DataRow("blocks.3.attn.k_norm.bias", "qk-norm")]
    [DataRow("reg_token", "register tokens")]
    [DataRow("norm_pre.weight", "before the blocks")]
    [DataRow("attn_pool.latent", "attention pooling")]
    [DataRow("blocks.0.mlp.w12.weight", "SwiGLU")]
    [DataRow("layers.0.blocks.0.attn.logit_scale", "Swin V2")]
    [DataRow("absolute_pos_embed", "absolute positions")]
    [DataRow("blocks.0.attn.q_bias", "BEiT")]
    public void NamesOfUnmodelledFeatures_AreRefusedByFeatureAndName(string name, string feature)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Mapped("blocks.0.attn.qkv.weight", name));
        StringAssert.Contains(e.Message, feature);
        StringAssert.Contains(e.Message, name);
    }

    [TestMethod]
    public void EveryRule_OfEveryMap_HasAFormThatItMatches()
    {
        foreach (var map in KeyMapTable.All)
        {
            foreach (var rule in map.Rules)
            {
                string example = rule.Pattern.Replace("{*}", "weight").Replace("{s}", "1").Replace("{i}", "2").Replace("{f}", "3");
                Assert.IsTrue(rule.Matches(example, out string? target), $"{map.Name}: {rule.Name}");
                Assert.AreEqual(rule.Ignores, target is null);
                Assert.IsFalse(target?.Contains('{') ?? false, $"{map.Name}: {rule.Name} gives {target}");
                Assert.AreSame(rule, map.RuleOf(example, out _), $"{map.Name}: {rule.Name} is hidden by a rule before it");
            }
        }
    }
}
