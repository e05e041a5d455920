using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>How many groups each block keeps; which ones, the scores say.</summary>
internal sealed class StructuredSizes
{
    private const int Bisections = 50;

    private readonly ModelConfiguration _configuration;
    private readonly StructuredDimapOptions _options;
    private readonly PoolRanking _attention, _mlp;

    private StructuredSizes(ModelConfiguration configuration, ChannelScores scores, StructuredDimapOptions options)
    {
        (_configuration, _options) = (configuration, options);
        _mlp = new PoolRanking(scores.Mlp);
        _attention = new PoolRanking(options.AttentionUnit == AttentionUnit.Channels ? scores.Attention
            : [.. scores.Attention.Zip(configuration.Blocks, HeadScores)]);
    }

    /// <summary>A block's score of each head, where a head's score stands at each of its channels.</summary>
    public static double[] HeadScores(double[] channels, BlockConfiguration block) => [.. Enumerable.Range(0, block.Heads).Select(head => channels[head * block.HeadDim])];

    /// <summary>The sizes of every block.</summary>
    /// <exception cref="ArgumentException">The budget cannot be met.</exception>
    public static IReadOnlyList<BlockConfiguration> Choose(ModelConfiguration configuration, ChannelScores scores, StructuredDimapOptions options)
    {
        var sizes = new StructuredSizes(configuration, scores, options);
        return options.Budget is { } budget ? sizes.Within(budget) : sizes.Of(options.AttentionKeepRatio, options.MlpKeepRatio);
    }

    private List<BlockConfiguration> Of(double attentionRatio, double mlpRatio)
    {
        var (attention, mlp) = (_attention.Kept(attentionRatio), _mlp.Kept(mlpRatio));
        return [.. _configuration.Blocks.Select((block, i) => _options.AttentionUnit == AttentionUnit.Heads
            ? new BlockConfiguration(attention[i], block.HeadDim, Rounded(mlp[i], 1, block.MlpHiddenDim))
            : new BlockConfiguration(block.Heads, Rounded(attention[i], block.Heads, block.HeadDim), Rounded(mlp[i], 1, block.MlpHiddenDim)))];
    }

    /// <summary>A width as a multiple, the nearest to what the threshold leaves; where there are fewer than one multiple, all.</summary>
    /// <param name="kept">Groups above the threshold.</param>
    /// <param name="parts">Parts that keep equally many.</param>
    /// <param name="width">Width of a part.</param>
    private int Rounded(int kept, int parts, int width)
    {
        if (width == 0) return 0;
        long multiple = _options.WidthMultiple, step = multiple * parts;
        return (int)Math.Clamp((kept + step / 2) / step * multiple, Math.Min(multiple, width), width);
    }

    /// <summary>The largest share, the same for both kinds of groups, whose model is within a budget. A smaller share never gives a larger model.</summary>
    private List<BlockConfiguration> Within(PruningBudget budget)
    {
        long Size(ModelConfiguration c) => budget.Measure == BudgetMeasure.Macs ? ModelSize.Of(c).Macs : ModelSize.Of(c).Parameters;
        long allowed = (long)(Size(_configuration) * budget.KeepRatio);
        bool Fits(double share) => Size(Resized(Of(share, share))) <= allowed;
        if (Fits(1)) return Of(1, 1);
        if (!Fits(0))
            throw new ArgumentException($"Budget allows {allowed:N0} {(budget.Measure == BudgetMeasure.Macs ? "MACs" : "parameters")}; with the fewest "
                + $"{(_options.AttentionUnit == AttentionUnit.Heads ? "heads and " : "")}channels the model still has {Size(Resized(Of(0, 0))):N0}. Raise KeepRatio.");
        var (fits, exceeds) = (0.0, 1.0);
        for (int i = 0; i < Bisections; i++)
        {
            double middle = (fits + exceeds) / 2;
            if (Fits(middle)) fits = middle;
            else exceeds = middle;
        }
        return Of(fits, fits);
    }

    private ModelConfiguration Resized(List<BlockConfiguration> blocks)
    {
        int next = 0;
        return _configuration with { Stages = [.. _configuration.Stages.Select(stage => stage with { Blocks = [.. stage.Blocks.Select(_ => blocks[next++])] })] };
    }
}
