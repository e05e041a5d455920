using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

/// <summary>The method without any packing: every layer computes every token, idle ones get their old values back, and where computed tokens
/// see only each other, idle ones are hidden by minus infinity.</summary>
internal static class MaskedReference
{
    /// <summary>Logits, and for each skipping layer which patches were computed.</summary>
    public static (Tensor Logits, List<Tensor> Masks) Run(PatchSkipModel model, Tensor images)
    {
        var backbone = model.Backbone;
        var pass = backbone.Begin(images, null) with { Cached = false, MayChoose = false };
        int prefix = backbone.Configuration.PrefixTokens();
        var masks = new List<Tensor>();
        var x = backbone.Enter(images, pass);
        var blocks = backbone.BlockLayers;
        for (int i = 0; i < blocks.Count; i++)
        {
            var old = x.clone();
            if (model.Configuration.Layers.FirstOrDefault(l => l.Layer == i) is not { } layer)
            {
                x = blocks[i].Apply(x.clone(), pass);
                continue;
            }
            var logits = Scores(model, i, x);                                                        // [B, P]
            var mask = model.Configuration.Method == PatchSkipMethod.Learned
                ? logits.sigmoid().gt(layer.ScoreThreshold)
                : logits.ge(logits.topk(layer.PatchesKept!.Value, 1).Item1.narrow(1, layer.PatchesKept.Value - 1, 1));
            masks.Add(mask);
            var all = cat([ones(mask.shape[0], prefix, dtype: ScalarType.Bool), mask], 1);           // [B, N]
            if (model.Configuration.ContextAttention || !blocks[i].Has(BlockHalf.Attention))
            {
                x = blocks[i].Apply(x.clone(), pass);
            }
            else
            {
                var hidden = zeros(all.shape, dtype: x.dtype).masked_fill(all.logical_not(), double.NegativeInfinity).view(x.shape[0], 1, 1, x.shape[1]);
                x = blocks[i].AddMlp(blocks[i].AddAttention(x.clone(), blocks[i].Attending(x, null, pass) with { Mask = hidden }, pass), pass);
            }
            x = x.where(all.unsqueeze(-1), old);
        }
        return (backbone.Finish(x, blocks.Count, pass), masks);
    }

    /// <summary>A scorer patch by patch, from its state dict.</summary>
    public static Tensor Scores(PatchSkipModel model, int layer, Tensor x)
    {
        var state = model.Scorers.Single(s => s.Layer == layer).Scorer.state_dict();
        int prefix = model.Backbone.Configuration.PrefixTokens(), side = model.Backbone.Configuration.ResolutionOf(0);
        var scores = new List<Tensor>();
        for (int p = 0; p < side * side; p++)
        {
            var read = x.select(1, prefix + p);                                                      // [B, C]
            if (model.Configuration.Input == ScorerInput.TokenAndClass) read = cat([read, x.select(1, 0)], 1);
            if (model.Configuration.Input == ScorerInput.TokenAndNeighbours)
            {
                var near = Enumerable.Range(0, side * side).Where(q => q != p && Math.Abs(q / side - p / side) <= 1 && Math.Abs(q % side - p % side) <= 1);
                read = cat([read, stack([.. near.Select(q => x.select(1, prefix + q))], 0).mean([0L])], 1);
            }
            var hidden = (read.matmul(state["fc1.weight"].t()) + state["fc1.bias"]).relu();
            scores.Add(hidden.matmul(state["fc2.weight"].t()) + state["fc2.bias"]);                  // [B, 1]
        }
        return cat(scores, 1).detach();                                                              // [B, P]
    }
}
