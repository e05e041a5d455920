using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;

namespace MLNet.ViTPruning.Measurement;

/// <summary>How many multiply-adds of one image each element of a weight takes part in.</summary>
internal static class WeightUses
{
    /// <summary>Uses by state-dict key. What is not in the list multiplies nothing that counts; some keys of the list a model may lack.</summary>
    public static IReadOnlyDictionary<string, long> Of(ModelConfiguration c)
    {
        var uses = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["patch_embed.proj.weight"] = (long)c.ResolutionOf(0) * c.ResolutionOf(0),
            ["head.weight"] = 1,
            ["head_dist.weight"] = 1,
            ["head.fc.weight"] = 1,
        };
        for (int s = 0; s < c.Stages.Count; s++)
        {
            long tokens = c.TokensOf(s);
            uses[$"layers.{s}.downsample.reduction.weight"] = uses[$"stages.{s}.downsample.proj.weight"] = tokens;
            for (int i = 0; i < c.Stages[s].Blocks.Count; i++)
            {
                var prefix = BlockKeys.Prefix(c.Family, s, i);
                foreach (var name in (string[])["attn.qkv", "attn.q", "attn.proj", "mlp.fc1", "mlp.dwconv", "mlp.fc2"]) uses[$"{prefix}.{name}.weight"] = tokens;
                if (c.Family != ModelFamily.PvtV2) continue;
                foreach (var name in (string[])["attn.kv", "attn.sr"]) uses[$"{prefix}.{name}.weight"] = c.ReducedTokensOf(s);
            }
        }
        return uses;
    }
}
