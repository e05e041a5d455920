using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

/// <summary>Divergence without one channel, the slow way: a model of its own without the channel, run from the pixels on.</summary>
internal static class NaiveRemoval
{
    public static double Divergence(VisionModel model, Tensor images, PruningComponent component, int index, int channel)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var smaller = Without(model, component, index, channel);
        var q = model.forward(images).to(float64).softmax(-1);
        var p = smaller.forward(images).to(float64).softmax(-1);
        return (q * (q / p).log()).sum().ToDouble();
    }

    private static VisionModel Without(VisionModel model, PruningComponent component, int index, int channel)
    {
        var blocks = model.Configuration.Blocks.ToList();
        if (component == PruningComponent.Attention) return WithoutAttentionChannel(model, index, channel);
        var plan = new PruningPlan("unified", "naive", [.. blocks.Select((block, i) => new BlockPlan(block.Heads, All(block.AttentionDim),
            [.. All(block.MlpHiddenDim).Where(c => component != PruningComponent.Mlp || i != index || c != channel)]))])
        {
            Embed = component != PruningComponent.Embed ? null
                : [.. model.Configuration.Stages.Select((stage, s) => (IReadOnlyList<int>)[.. All(stage.EmbedDim).Where(c => s != index || c != channel)])],
        };
        return ModelSlicer.Slice(model, plan);
    }

    // No model has a head that is narrower than the others: the channel is zero in query, key and value, and nothing reads it.
    private static VisionModel WithoutAttentionChannel(VisionModel model, int index, int channel)
    {
        var copy = model.Copy(requiresGrad: false);
        int stage = 0, block = index;
        for (; block >= model.Configuration.Stages[stage].Blocks.Count; stage++) block -= model.Configuration.Stages[stage].Blocks.Count;
        bool pvt = model.Configuration.Family == ModelFamily.PvtV2;
        var prefix = model.Configuration.Family == ModelFamily.Vit ? $"blocks.{block}.attn" : $"{(pvt ? "stages" : "layers")}.{stage}.blocks.{block}.attn";
        var weights = copy.state_dict();
        int width = model.Configuration.Blocks.ElementAt(index).AttentionDim;
        foreach (var (layer, parts) in pvt ? new[] { (".q", 1), (".kv", 2) } : [(".qkv", 3)])
        {
            for (int part = 0; part < parts; part++)
            {
                weights[prefix + layer + ".weight"].select(0, part * width + channel).zero_();
                weights[prefix + layer + ".bias"].narrow(0, part * width + channel, 1).zero_();
            }
        }
        weights[prefix + ".proj.weight"].select(1, channel).zero_();
        copy.WeightsChanged();
        return copy;
    }

    private static int[] All(int count) => [.. Enumerable.Range(0, count)];
}
