namespace MLNet.ViTPruning.Checkpoints.KeyMaps;

/// <summary>The key maps, as data. The models' own names are timm's.</summary>
/// <remarks>Sources: the state dicts of timm 0.9, of microsoft/Swin-Transformer, facebookresearch/deit, whai362/PVT, transformers 4 and torchvision
/// 0.14.</remarks>
internal static class KeyMapTable
{
    private static readonly KeyRule[] SwinBuffers =
    [
        new("window index", "layers.{s}.blocks.{i}.attn.relative_position_index", null), // follow from the sizes
        new("shift mask", "layers.{s}.blocks.{i}.attn_mask", null),
    ];

    private static readonly KeyRule[] SwinHead =
    [
        new("head", "head.fc.{*}", "head.fc.{*}"),
        new("head before timm 0.9", "head.{*}", "head.fc.{*}"),
    ];

    /// <summary>Names of the authors' PVTv2 that count the stage, from 1.</summary>
    private static IEnumerable<KeyRule> PvtStage(int stage) =>
    [
        new($"patches of stage {stage}", $"patch_embed{stage}.{{*}}", stage == 1 ? "patch_embed.{*}" : $"stages.{stage - 1}.downsample.{{*}}"),
        new($"depth-wise convolution of stage {stage}", $"block{stage}.{{i}}.mlp.dwconv.dwconv.{{*}}", $"stages.{stage - 1}.blocks.{{i}}.mlp.dwconv.{{*}}"),
        new($"blocks of stage {stage}", $"block{stage}.{{i}}.{{*}}", $"stages.{stage - 1}.blocks.{{i}}.{{*}}"),
        new($"norm of stage {stage}", $"norm{stage}.{{*}}", $"stages.{stage - 1}.norm.{{*}}"),
    ];

    /// <summary>All maps; the first that fits a file's names counts.</summary>
    public static IReadOnlyList<KeyMap> All { get; } =
    [
        new("torchvision ViT", "encoder.layers.encoder_layer_{i}.{*}",
        [
            new("class token", "class_token", "cls_token"),
            new("patches", "conv_proj.{*}", "patch_embed.proj.{*}"),
            new("positions", "encoder.pos_embedding", "pos_embed"),
            new("first norm", "encoder.layers.encoder_layer_{i}.ln_1.{*}", "blocks.{i}.norm1.{*}"),
            new("qkv weight", "encoder.layers.encoder_layer_{i}.self_attention.in_proj_weight", "blocks.{i}.attn.qkv.weight"),
            new("qkv bias", "encoder.layers.encoder_layer_{i}.self_attention.in_proj_bias", "blocks.{i}.attn.qkv.bias"),
            new("attention projection", "encoder.layers.encoder_layer_{i}.self_attention.out_proj.{*}", "blocks.{i}.attn.proj.{*}"),
            new("second norm", "encoder.layers.encoder_layer_{i}.ln_2.{*}", "blocks.{i}.norm2.{*}"),
            new("MLP in", "encoder.layers.encoder_layer_{i}.mlp.0.{*}", "blocks.{i}.mlp.fc1.{*}"),
            new("MLP out", "encoder.layers.encoder_layer_{i}.mlp.3.{*}", "blocks.{i}.mlp.fc2.{*}"),
            new("MLP in before 0.12", "encoder.layers.encoder_layer_{i}.mlp.linear_1.{*}", "blocks.{i}.mlp.fc1.{*}"),
            new("MLP out before 0.12", "encoder.layers.encoder_layer_{i}.mlp.linear_2.{*}", "blocks.{i}.mlp.fc2.{*}"),
            new("norm", "encoder.ln.{*}", "norm.{*}"),
            new("head", "heads.head.{*}", "head.{*}"),
        ]),
        new("torchvision Swin", "features.{f}.{i}.attn.{*}",
        [
            new("window index", "features.{f}.{i}.attn.relative_position_index", null),
            new("patches", "features.0.0.{*}", "patch_embed.proj.{*}"),
            new("patch norm", "features.0.2.{*}", "patch_embed.norm.{*}"),
            new("attention", "features.{f}.{i}.attn.{*}", "layers.{f/2}.blocks.{i}.attn.{*}"), // stages are the odd entries, from 1
            new("first norm", "features.{f}.{i}.norm1.{*}", "layers.{f/2}.blocks.{i}.norm1.{*}"),
            new("second norm", "features.{f}.{i}.norm2.{*}", "layers.{f/2}.blocks.{i}.norm2.{*}"),
            new("MLP in", "features.{f}.{i}.mlp.0.{*}", "layers.{f/2}.blocks.{i}.mlp.fc1.{*}"),
            new("MLP out", "features.{f}.{i}.mlp.3.{*}", "layers.{f/2}.blocks.{i}.mlp.fc2.{*}"),
            new("merging norm", "features.{f}.norm.{*}", "layers.{f/2}.downsample.norm.{*}"),  // mergings are the even ones, from 2
            new("merging", "features.{f}.reduction.{*}", "layers.{f/2}.downsample.reduction.{*}"),
            new("norm", "norm.{*}", "norm.{*}"),
            new("head", "head.{*}", "head.fc.{*}"),
        ]),
        new("Hugging Face Swin", "encoder.layers.{s}.blocks.{i}.attention.{*}",
        [
            new("window index", "encoder.layers.{s}.blocks.{i}.attention.self.relative_position_index", null),
            new("pretraining mask", "embeddings.mask_token", null),
            new("patches", "embeddings.patch_embeddings.projection.{*}", "patch_embed.proj.{*}"),
            new("patch norm", "embeddings.norm.{*}", "patch_embed.norm.{*}"),
            new("first norm", "encoder.layers.{s}.blocks.{i}.layernorm_before.{*}", "layers.{s}.blocks.{i}.norm1.{*}"),
            new("query", "encoder.layers.{s}.blocks.{i}.attention.self.query.{*}", "layers.{s}.blocks.{i}.attn.qkv.{*}", 0),
            new("key", "encoder.layers.{s}.blocks.{i}.attention.self.key.{*}", "layers.{s}.blocks.{i}.attn.qkv.{*}", 1),
            new("value", "encoder.layers.{s}.blocks.{i}.attention.self.value.{*}", "layers.{s}.blocks.{i}.attn.qkv.{*}", 2),
            new("position biases", "encoder.layers.{s}.blocks.{i}.attention.self.relative_position_bias_table",
                "layers.{s}.blocks.{i}.attn.relative_position_bias_table"),
            new("attention projection", "encoder.layers.{s}.blocks.{i}.attention.output.dense.{*}", "layers.{s}.blocks.{i}.attn.proj.{*}"),
            new("second norm", "encoder.layers.{s}.blocks.{i}.layernorm_after.{*}", "layers.{s}.blocks.{i}.norm2.{*}"),
            new("MLP in", "encoder.layers.{s}.blocks.{i}.intermediate.dense.{*}", "layers.{s}.blocks.{i}.mlp.fc1.{*}"),
            new("MLP out", "encoder.layers.{s}.blocks.{i}.output.dense.{*}", "layers.{s}.blocks.{i}.mlp.fc2.{*}"),
            new("merging closes the stage before", "encoder.layers.{s}.downsample.{*}", "layers.{s+1}.downsample.{*}"),
            new("norm", "layernorm.{*}", "norm.{*}"),
            new("head", "classifier.{*}", "head.fc.{*}"),
        ], "swin."),
        new("Hugging Face ViT or DeiT", "encoder.layer.{i}.attention.attention.{*}",
        [
            new("pretraining mask", "embeddings.mask_token", null),
            new("pooler, not used for classes", "pooler.dense.{*}", null),
            new("class token", "embeddings.cls_token", "cls_token"),
            new("distillation token", "embeddings.distillation_token", "dist_token"),
            new("positions", "embeddings.position_embeddings", "pos_embed"),
            new("patches", "embeddings.patch_embeddings.projection.{*}", "patch_embed.proj.{*}"),
            new("first norm", "encoder.layer.{i}.layernorm_before.{*}", "blocks.{i}.norm1.{*}"),
            new("query", "encoder.layer.{i}.attention.attention.query.{*}", "blocks.{i}.attn.qkv.{*}", 0),
            new("key", "encoder.layer.{i}.attention.attention.key.{*}", "blocks.{i}.attn.qkv.{*}", 1),
            new("value", "encoder.layer.{i}.attention.attention.value.{*}", "blocks.{i}.attn.qkv.{*}", 2),
            new("attention projection", "encoder.layer.{i}.attention.output.dense.{*}", "blocks.{i}.attn.proj.{*}"),
            new("second norm", "encoder.layer.{i}.layernorm_after.{*}", "blocks.{i}.norm2.{*}"),
            new("MLP in", "encoder.layer.{i}.intermediate.dense.{*}", "blocks.{i}.mlp.fc1.{*}"),
            new("MLP out", "encoder.layer.{i}.output.dense.{*}", "blocks.{i}.mlp.fc2.{*}"),
            new("norm", "layernorm.{*}", "norm.{*}"),
            new("head", "classifier.{*}", "head.{*}"),
            new("class token's head", "cls_classifier.{*}", "head.{*}"),
            new("distillation token's head", "distillation_classifier.{*}", "head_dist.{*}"),
        ], "vit.", "deit."),
        new("Microsoft Swin", "layers.0.downsample.{*}", // timm's first stage has no merging
        [
            .. SwinBuffers, .. SwinHead,
            new("merging closes the stage before", "layers.{s}.downsample.{*}", "layers.{s+1}.downsample.{*}"),
            new("all other names are timm's", "{*}", "{*}"),
        ]),
        new("timm Swin", "layers.{s}.blocks.{i}.{*}",
        [
            .. SwinBuffers, .. SwinHead,
            new("timm's names", "{*}", "{*}"),
        ]),
        new("authors' PVTv2", "block1.{i}.attn.kv.{*}", [.. Enumerable.Range(1, 4).SelectMany(PvtStage), new("head", "head.{*}", "head.{*}")]),
        new("timm PVTv2", "stages.{s}.blocks.{i}.{*}", [new("timm's names", "{*}", "{*}")]),
        new("DeiT III", "blocks.{i}.gamma_1",
        [
            new("gain of the attention", "blocks.{i}.gamma_1", "blocks.{i}.ls1.gamma"),
            new("gain of the MLP", "blocks.{i}.gamma_2", "blocks.{i}.ls2.gamma"),
            new("all other names are timm's", "{*}", "{*}"),
        ]),
        new("timm ViT or DeiT", "{*}", [new("timm's names", "{*}", "{*}")]),
    ];
}
