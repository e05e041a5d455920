namespace MLNet.ViTPruning.Models;

/// <summary>Grid and window sizes that follow from a configuration.</summary>
public static class ModelGeometry
{
    /// <summary>Side of the token grid in a stage.</summary>
    /// <param name="configuration">A valid configuration.</param>
    /// <param name="stage">The stage's index; 0 for a plain ViT.</param>
    public static int ResolutionOf(this ModelConfiguration configuration, int stage) => configuration.ImageSize / configuration.PatchSize >> stage;

    /// <summary>Tokens before the patches: the class token and, where there is one, the distillation token; 0 in Swin and PVTv2.</summary>
    /// <param name="configuration">A valid configuration.</param>
    public static int PrefixTokens(this ModelConfiguration configuration) =>
        configuration.Family != ModelFamily.Vit ? 0 : configuration.DistillationToken ? 2 : 1;

    /// <summary>Number of tokens in a stage, prefix tokens included.</summary>
    /// <param name="configuration">A valid configuration.</param>
    /// <param name="stage">The stage's index; 0 for a plain ViT.</param>
    public static int TokensOf(this ModelConfiguration configuration, int stage) =>
        configuration.ResolutionOf(stage) * configuration.ResolutionOf(stage) + configuration.PrefixTokens();

    /// <summary>Side of a stage's windows in tokens: the configured one, or the whole grid where that is not larger.</summary>
    /// <param name="configuration">A valid Swin configuration.</param>
    /// <param name="stage">The stage's index.</param>
    public static int WindowOf(this ModelConfiguration configuration, int stage) => Math.Min(configuration.WindowSize, configuration.ResolutionOf(stage));

    /// <summary>Number of keys that a token sees in a stage of a PVTv2.</summary>
    /// <param name="configuration">A valid PVTv2 configuration.</param>
    /// <param name="stage">The stage's index.</param>
    public static int ReducedTokensOf(this ModelConfiguration configuration, int stage)
    {
        int side = configuration.ResolutionOf(stage) / configuration.ReductionRatios![stage];
        return side * side;
    }

    /// <summary>Cyclic shift of a block in tokens: half a window in every second block, none where one window covers the grid.</summary>
    /// <param name="configuration">A valid Swin configuration.</param>
    /// <param name="stage">The stage's index.</param>
    /// <param name="block">The block's index within its stage.</param>
    public static int ShiftOf(this ModelConfiguration configuration, int stage, int block) =>
        block % 2 == 0 || configuration.ResolutionOf(stage) <= configuration.WindowSize ? 0 : configuration.WindowSize / 2;

    /// <summary>Index over all blocks of a stage's first one.</summary>
    /// <param name="configuration">A valid configuration.</param>
    /// <param name="stage">The stage's index.</param>
    public static int FirstBlockOf(this ModelConfiguration configuration, int stage) => configuration.Stages.Take(stage).Sum(s => s.Blocks.Count);
}
