using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Surgery;

/// <summary>The cuts that make the residual stream narrower: every tensor that writes or reads it, by one index list per stage.</summary>
internal static class ResidualSlices
{
    /// <summary>Adds the cuts to those of the blocks.</summary>
    /// <param name="slices">How each tensor that changes is sliced, by state-dict key.</param>
    /// <param name="configuration">The model before.</param>
    /// <param name="kept">Channels that stay, per stage.</param>
    public static void Add(Dictionary<string, Func<Tensor, Tensor>> slices, ModelConfiguration configuration, IReadOnlyList<IReadOnlyList<int>> kept)
    {
        void Cut(string name, int dimension, IReadOnlyList<int> indices)
        {
            var before = slices.GetValueOrDefault(name);
            slices[name] = weight => ModelSlicer.Select(before is null ? weight : before(weight), dimension, indices);
        }
        void CutAll(string prefix, IReadOnlyList<int> indices, params ReadOnlySpan<(string Name, int Dimension)> tensors)
        {
            foreach (var (name, dimension) in tensors) Cut(prefix + name, dimension, indices);
        }

        bool swin = configuration.Family == ModelFamily.Swin;
        CutAll("", kept[0], ("cls_token", 2), ("dist_token", 2), ("pos_embed", 2), ("patch_embed.proj.weight", 0), ("patch_embed.proj.bias", 0),
            ("patch_embed.norm.weight", 0), ("patch_embed.norm.bias", 0));
        for (int s = 0; s < configuration.Stages.Count; s++)
        {
            if (s > 0) CutDownsample(s);
            for (int i = 0; i < configuration.Stages[s].Blocks.Count; i++)
            {
                CutAll(swin ? $"layers.{s}.blocks.{i}." : $"blocks.{i}.", kept[s],
                    ("norm1.weight", 0), ("norm1.bias", 0), ("attn.qkv.weight", 1), ("attn.proj.weight", 0), ("attn.proj.bias", 0), ("ls1.gamma", 0),
                    ("norm2.weight", 0), ("norm2.bias", 0), ("mlp.fc1.weight", 1), ("mlp.fc2.weight", 0), ("mlp.fc2.bias", 0), ("ls2.gamma", 0));
            }
        }
        CutAll("", kept[^1], ("norm.weight", 0), ("norm.bias", 0), ("fc_norm.weight", 0), ("fc_norm.bias", 0), ("head.weight", 1), ("head_dist.weight", 1), ("head.fc.weight", 1));

        // Patch merging puts the channels of four neighbours side by side, at 0, C, 2 C and 3 C of the width before the cut.
        void CutDownsample(int stage)
        {
            int width = configuration.Stages[stage - 1].EmbedDim;
            int[] merged = [.. Enumerable.Range(0, 4).SelectMany(part => kept[stage - 1].Select(c => part * width + c))];
            CutAll($"layers.{stage}.downsample.", merged, ("norm.weight", 0), ("norm.bias", 0), ("reduction.weight", 1));
            Cut($"layers.{stage}.downsample.reduction.weight", 0, kept[stage]);
        }
    }
}
