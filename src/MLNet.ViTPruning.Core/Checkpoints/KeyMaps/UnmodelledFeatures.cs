using System.Text.RegularExpressions;

namespace MLNet.ViTPruning.Checkpoints.KeyMaps;

/// <summary>Names that belong to architectures which look like a ViT or Swin but compute something else. They are refused by the feature's
/// name:
/// "left over: blocks.0.attn.q_norm.weight" would not say why.</summary>
internal static class UnmodelledFeatures
{
    private static readonly (string Feature, Regex Pattern)[] Table =
    [
        .. Row("qk-norm", "blocks.{i}.attn.q_norm.{*}", "blocks.{i}.attn.k_norm.{*}", "layers.{s}.blocks.{i}.attn.q_norm.{*}",
            "layers.{s}.blocks.{i}.attn.k_norm.{*}"),
        .. Row("register tokens", "reg_token", "register_tokens", "embeddings.register_tokens"),
        .. Row("a norm before the blocks (CLIP)", "norm_pre.{*}"),
        .. Row("norms inside attention or MLP", "blocks.{i}.attn.norm.{*}", "blocks.{i}.mlp.norm.{*}"),
        .. Row("attention pooling", "attn_pool.{*}"),
        .. Row("a gated MLP (SwiGLU)", "blocks.{i}.mlp.w12.{*}", "blocks.{i}.mlp.fc1_g.{*}", "blocks.{i}.mlp.fc1_x.{*}"),
        .. Row("a layer before the head (pre_logits)", "pre_logits.{*}", "heads.pre_logits.{*}"),
        .. Row("relative positions in a plain ViT (BEiT)", "blocks.{i}.attn.relative_position_bias_table", "rel_pos_bias.{*}"),
        .. Row("separate query and value biases (BEiT)", "blocks.{i}.attn.q_bias", "blocks.{i}.attn.v_bias"),
        .. Row("Swin V2", "layers.{s}.blocks.{i}.attn.logit_scale", "layers.{s}.blocks.{i}.attn.cpb_mlp.{*}",
            "features.{f}.{i}.attn.logit_scale", "features.{f}.{i}.attn.cpb_mlp.{*}",
            "encoder.layers.{s}.blocks.{i}.attention.self.logit_scale"),
        .. Row("absolute positions in Swin", "absolute_pos_embed"),
        .. Row("a convolutional stem (hybrid ViT)", "patch_embed.backbone.{*}", "conv_proj.conv_bn_relu_0.{*}"),
    ];

    /// <exception cref="InvalidDataException">A name belongs to such a feature.</exception>
    public static void Refuse(IEnumerable<string> plainNames)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in plainNames)
        {
            foreach (var (feature, pattern) in Table)
            {
                if (pattern.IsMatch(name)) found.TryAdd(feature, name);
            }
        }
        if (found.Count > 0)
            throw new InvalidDataException($"The checkpoint's model has {string.Join(" and ", found.Select(f => $"{f.Key} ('{f.Value}')"))}, which this library's models do not have.");
    }

    private static IEnumerable<(string, Regex)> Row(string feature, params string[] patterns) =>
        patterns.Select(p => (feature, KeyRule.Compile(p)));
}
