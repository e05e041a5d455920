using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;

namespace MLNet.ViTPruning.Measurement;

/// <summary>Counts a model's parameters and multiply-adds component by component.</summary>
internal static class MacCounter
{
    public static IEnumerable<ComponentSize> Components(ModelConfiguration c)
    {
        bool pvt = c.Family == ModelFamily.PvtV2;
        long kernel = pvt ? OverlappingEmbedding.KernelOf(c.PatchSize) : c.PatchSize;
        long patch = 3 * kernel * kernel, width = c.Stages[0].EmbedDim, patches = (long)c.ResolutionOf(0) * c.ResolutionOf(0);
        long tokenParameters = c.Family != ModelFamily.Vit ? Norm(width) : (c.PrefixTokens() + c.TokensOf(0)) * width; // Swin and PVTv2: a norm; ViT: prefix tokens and positions
        yield return new("embed", null, null, patch * width + width + tokenParameters, patches * patch * width);
        int index = 0;
        for (int s = 0; s < c.Stages.Count; s++)
        {
            var stage = c.Stages[s];
            if (s > 0) yield return pvt ? OverlappingDownsample(c, s) : Downsample(c, s);
            foreach (var block in stage.Blocks)
            {
                if (block.HasAttention) yield return Attention(c, s, block, index);
                if (block.HasMlp) yield return Mlp(c, s, block, index);
                index++;
            }
        }
        long heads = c.DistillationToken ? 2 : 1, features = c.NumFeatures, classes = c.NumClasses;
        yield return new("head", null, null, heads * (features * classes + classes) + 2 * features, heads * features * classes);
    }

    private static ComponentSize Attention(ModelConfiguration c, int stage, BlockConfiguration block, int index)
    {
        if (c.Family == ModelFamily.PvtV2) return ReducedAttention(c, stage, block, index);
        long n = c.TokensOf(stage), width = c.Stages[stage].EmbedDim, d = block.AttentionDim;
        long window = c.Family == ModelFamily.Swin ? c.WindowOf(stage) : 0;
        long seen = window > 0 ? window * window : n; // tokens that each token sees
        long table = window > 0 ? (2 * window - 1) * (2 * window - 1) * block.Heads : 0;
        long parameters = Norm(width) + width * 3 * d + 3 * d + d * width + width + table + Scale(c, width);
        return new("attention", stage, index, parameters, n * width * 3 * d + 2 * n * seen * d + n * d * width);
    }

    private static ComponentSize Mlp(ModelConfiguration c, int stage, BlockConfiguration block, int index)
    {
        long width = c.Stages[stage].EmbedDim, hidden = block.MlpHiddenDim;
        long convolution = c.Family == ModelFamily.PvtV2 ? 9 * hidden : 0; // depth-wise, 3 x 3
        long parameters = Norm(width) + 2 * width * hidden + hidden + width + Scale(c, width) + (convolution > 0 ? convolution + hidden : 0);
        return new("mlp", stage, index, parameters, c.TokensOf(stage) * (2 * width * hidden + convolution));
    }

    private static ComponentSize Downsample(ModelConfiguration c, int stage)
    {
        long merged = 4L * c.Stages[stage - 1].EmbedDim, width = c.Stages[stage].EmbedDim;
        return new("downsample", stage, null, Norm(merged) + merged * width, c.TokensOf(stage) * merged * width);
    }

    private static ComponentSize ReducedAttention(ModelConfiguration c, int stage, BlockConfiguration block, int index)
    {
        long n = c.TokensOf(stage), keys = c.ReducedTokensOf(stage), width = c.Stages[stage].EmbedDim, d = block.AttentionDim, r = c.ReductionRatios![stage];
        long reduction = r > 1 ? r * r * width * width : 0;
        long parameters = Norm(width) + width * 3 * d + 3 * d + d * width + width + (r > 1 ? reduction + width + Norm(width) : 0);
        return new("attention", stage, index, parameters, n * width * d + keys * (reduction + 2 * width * d) + 2 * n * keys * d + n * d * width);
    }

    /// <summary>The norm behind a stage and the convolution that opens the next.</summary>
    private static ComponentSize OverlappingDownsample(ModelConfiguration c, int stage)
    {
        long before = c.Stages[stage - 1].EmbedDim, width = c.Stages[stage].EmbedDim, convolution = 9 * before * width; // kernel 3 for stride 2
        return new("downsample", stage, null, Norm(before) + convolution + width + Norm(width), c.TokensOf(stage) * convolution);
    }

    private static long Norm(long width) => 2 * width;

    private static long Scale(ModelConfiguration c, long width) => c.LayerScale ? width : 0;
}
