using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Tests.Pruning.Depth;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.Recovery;

/// <summary>Plans that keep every n-th channel.</summary>
internal static class Plans
{
    public static PruningPlan Of(VisionModel model, int everyNthAttention, int everyNthMlp, int? heads = null, bool embed = false)
    {
        var blocks = model.Configuration.Blocks.Select(block => OfBlock(block, everyNthAttention, everyNthMlp, heads ?? block.Heads)).ToList();
        return new PruningPlan("unified", "none", blocks) { Embed = embed ? [.. model.Configuration.Stages.Select(stage => EveryNth(stage.EmbedDim, 2))] : null };
    }

    /// <summary>Makes each odd channel a multiple of the even one before it: MLP hidden channels by repeating fc1 (the activation then
    /// repeats too), attention channels by repeating the value's rows, with zero rows in query and key.</summary>
    public static void RepeatChannels(VisionModel model)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var weights = model.state_dict();
        foreach (var (prefix, block) in SkippedHalves.Prefixes(model.Configuration).Zip(model.Configuration.Blocks))
        {
            foreach (var name in (string[])["weight", "bias"])
            {
                var (fc1, qkv) = (weights[$"{prefix}.mlp.fc1.{name}"], weights[$"{prefix}.attn.qkv.{name}"]);
                for (int c = 1; c < block.MlpHiddenDim; c += 2) fc1[c] = fc1[c - 1].clone();
                for (int c = 0; c < block.AttentionDim; c++)
                {
                    if (c % block.HeadDim % 2 == 0) continue;
                    qkv[c] = zeros_like(qkv[c]);
                    qkv[block.AttentionDim + c] = zeros_like(qkv[c]);
                    qkv[2 * block.AttentionDim + c] = qkv[2 * block.AttentionDim + c - 1] * 0.5;
                }
            }
        }
        model.WeightsChanged();
    }

    private static BlockPlan OfBlock(BlockConfiguration block, int everyNthAttention, int everyNthMlp, int heads)
    {
        int width = block.AttentionDim / heads;
        var attention = Enumerable.Range(0, heads).SelectMany(head => EveryNth(width, everyNthAttention).Select(c => head * width + c)).ToList();
        return new BlockPlan(heads, attention, EveryNth(block.MlpHiddenDim, everyNthMlp));
    }

    private static int[] EveryNth(int count, int n) => [.. Enumerable.Range(0, count).Where(i => i % n == 0)];
}
