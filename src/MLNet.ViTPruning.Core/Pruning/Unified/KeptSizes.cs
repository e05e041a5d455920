using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>How many channels stay; which ones, the scores say.</summary>
/// <param name="Embed">Residual width per stage.</param>
/// <param name="Blocks">Sizes per block.</param>
internal sealed record KeptSizes(IReadOnlyList<int> Embed, IReadOnlyList<BlockConfiguration> Blocks)
{
    /// <summary>What the options ask for, of which <see cref="HeadFault"/> found no fault.</summary>
    /// <exception cref="ArgumentException">The model has no such sizes; all faults in one message.</exception>
    public static KeptSizes Of(ModelConfiguration configuration, ChannelScores scores, UnifiedPruningOptions options)
    {
        if (options.Target is not null) return OfTarget(configuration, ModelPresets.Get(options.Target));
        int m = options.WidthMultiple;
        var embed = EmbedOf(configuration, options);
        if (options.Budget is { } budget) return BudgetSizes.Choose(configuration, scores, embed, budget, options.Heads, m);
        return new KeptSizes(embed, [.. configuration.Blocks.Select(block =>
        {
            int heads = block.HasAttention ? options.Heads ?? block.Heads : 0;
            int headDim = heads == 0 ? 0 : Count(block.AttentionDim / heads, options.AttentionKeepRatio, m);
            return new BlockConfiguration(heads, headDim, block.HasMlp ? Count(block.MlpHiddenDim, options.MlpKeepRatio, m) : 0);
        })]);
    }

    /// <summary>Residual widths that stay.</summary>
    public static IReadOnlyList<int> EmbedOf(ModelConfiguration configuration, UnifiedPruningOptions options) =>
        [.. configuration.Stages.Select(stage => options.EmbedKeepRatio == 1 ? stage.EmbedDim : Count(stage.EmbedDim, options.EmbedKeepRatio, options.WidthMultiple))];

    /// <summary>The share of some channels, as a multiple, at least one; where there are fewer than one multiple, all of them.</summary>
    private static int Count(int channels, double keepRatio, int multiple) =>
        Math.Clamp((int)Math.Round(channels * keepRatio / multiple) * multiple, Math.Min(multiple, channels), channels);

    /// <summary>The sizes of another configuration.</summary>
    /// <exception cref="ArgumentException">The model cannot be cut to them; all faults in one message.</exception>
    public static KeptSizes OfTarget(ModelConfiguration configuration, ModelConfiguration target)
    {
        var faults = new List<string>();
        if (target.Family != configuration.Family) faults.Add($"Target is a {target.Family}; the model is a {configuration.Family}.");
        string Depths(ModelConfiguration c) => string.Join(", ", c.Stages.Select(stage => stage.Blocks.Count));
        if (Depths(target) != Depths(configuration)) faults.Add($"Target has {Depths(target)} blocks; the model has {Depths(configuration)}.");
        if (faults.Count == 0)
        {
            foreach (var (was, wanted, s) in configuration.Stages.Zip(target.Stages, Enumerable.Range(0, target.Stages.Count)))
                if (wanted.EmbedDim > was.EmbedDim) faults.Add($"Target's stage {s} has a width of {wanted.EmbedDim}; the model has {was.EmbedDim}.");
            foreach (var (was, wanted, i) in configuration.Blocks.Zip(target.Blocks, Enumerable.Range(0, target.Blocks.Count())))
                if (wanted.Heads > was.Heads || (wanted.HasAttention && was.Heads % wanted.Heads != 0) || wanted.AttentionDim > was.AttentionDim || wanted.MlpHiddenDim > was.MlpHiddenDim)
                    faults.Add($"Target's block {i} has {wanted.Heads} heads of {wanted.HeadDim} and an MLP of {wanted.MlpHiddenDim}; the model's {was.Heads} of {was.HeadDim} and {was.MlpHiddenDim} cannot be cut to that.");
        }
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults));
        return new KeptSizes([.. target.Stages.Select(stage => stage.EmbedDim)], [.. target.Blocks]);
    }

    /// <summary>A sentence where a head count does not fit a model, else null.</summary>
    public static string? HeadFault(ModelConfiguration configuration, int? heads)
    {
        var misfits = configuration.Blocks.Where(block => heads is not null && block.HasAttention && block.Heads % heads != 0).Select(block => block.Heads).Distinct().ToList();
        return misfits.Count == 0 ? null : $"Heads is {heads}; it must divide every block's heads ({string.Join(", ", misfits)}).";
    }
}
