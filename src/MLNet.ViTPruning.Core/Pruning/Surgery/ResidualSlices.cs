using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Surgery;

/// <summary>Where a set of channels stands in a tensor.</summary>
/// <param name="Name">State-dict key; a model may lack it.</param>
/// <param name="Dimension">The dimension that counts the channels.</param>
/// <param name="Parts">How often they stand there side by side.</param>
/// <param name="IsVector">Whether the tensor has one entry for a channel.</param>
internal sealed record TensorPlace(string Name, int Dimension, int Parts = 1, bool IsVector = false);

/// <summary>The cuts that make the residual stream narrower: every tensor that writes or reads it, by one index list per stage.</summary>
internal static class ResidualSlices
{
    /// <summary>Adds the cuts to those of the blocks.</summary>
    /// <param name="slices">How each tensor that changes is sliced, by state-dict key.</param>
    /// <param name="configuration">The model before.</param>
    /// <param name="kept">Channels that stay, per stage.</param>
    public static void Add(Dictionary<string, Func<Tensor, Tensor>> slices, ModelConfiguration configuration, IReadOnlyList<IReadOnlyList<int>> kept)
    {
        for (int s = 0; s < kept.Count; s++)
        {
            int width = configuration.Stages[s].EmbedDim;
            foreach (var place in Places(configuration, s))
            {
                int[] indices = [.. Enumerable.Range(0, place.Parts).SelectMany(part => kept[s].Select(c => part * width + c))];
                var before = slices.GetValueOrDefault(place.Name);
                slices[place.Name] = weight => ModelSlicer.Select(before is null ? weight : before(weight), place.Dimension, indices);
            }
        }
    }

    /// <summary>All tensors in which a stage's residual channels stand.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="stage">The stage.</param>
    public static IEnumerable<TensorPlace> Places(ModelConfiguration configuration, int stage)
    {
        if (stage == 0)
        {
            foreach (var name in (string[])["cls_token", "dist_token", "pos_embed"]) yield return new(name, 2);
            yield return new("patch_embed.proj.weight", 0);
            foreach (var name in (string[])["patch_embed.proj.bias", "patch_embed.norm.weight", "patch_embed.norm.bias"]) yield return Vector(name);
        }
        else if (configuration.Family == ModelFamily.PvtV2)
        {
            yield return new($"stages.{stage}.downsample.proj.weight", 0);
            foreach (var name in (string[])["proj.bias", "norm.weight", "norm.bias"]) yield return Vector($"stages.{stage}.downsample.{name}");
        }
        else
        {
            yield return new($"layers.{stage}.downsample.reduction.weight", 0);
        }
        for (int i = 0; i < configuration.Stages[stage].Blocks.Count; i++)
        {
            var prefix = BlockKeys.Prefix(configuration.Family, stage, i) + ".";
            // PVTv2's reduction of tokens reads the stream's channels and gives as many, each with its place in the norm behind it.
            foreach (var name in (string[])["attn.qkv.weight", "attn.q.weight", "attn.kv.weight", "attn.sr.weight", "mlp.fc1.weight"]) yield return new(prefix + name, 1);
            foreach (var name in (string[])["attn.sr.weight", "attn.proj.weight", "mlp.fc2.weight"]) yield return new(prefix + name, 0);
            foreach (var name in (string[])["attn.sr.bias", "attn.norm.weight", "attn.norm.bias"]) yield return Vector(prefix + name);
            foreach (var name in (string[])["norm1.weight", "norm1.bias", "attn.proj.bias", "ls1.gamma", "norm2.weight", "norm2.bias", "mlp.fc2.bias", "ls2.gamma"])
                yield return Vector(prefix + name);
        }
        if (configuration.Family == ModelFamily.PvtV2)
        {
            foreach (var name in (string[])["norm.weight", "norm.bias"]) yield return Vector($"stages.{stage}.{name}");
            yield return new(stage < configuration.Stages.Count - 1 ? $"stages.{stage + 1}.downsample.proj.weight" : "head.weight", 1);
        }
        else if (stage < configuration.Stages.Count - 1)
        {
            // Patch merging puts the channels of four neighbours side by side, at 0, C, 2 C and 3 C of the width before the cut.
            yield return new($"layers.{stage + 1}.downsample.norm.weight", 0, 4, IsVector: true);
            yield return new($"layers.{stage + 1}.downsample.norm.bias", 0, 4, IsVector: true);
            yield return new($"layers.{stage + 1}.downsample.reduction.weight", 1, 4);
        }
        else
        {
            foreach (var name in (string[])["norm.weight", "norm.bias", "fc_norm.weight", "fc_norm.bias"]) yield return Vector(name);
            foreach (var name in (string[])["head.weight", "head_dist.weight", "head.fc.weight"]) yield return new(name, 1);
        }
    }

    private static TensorPlace Vector(string name) => new(name, 0, IsVector: true);
}
