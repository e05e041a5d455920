using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Turns channel scores into a plan: the lowest scores go.</summary>
public static class UnifiedPlanner
{
    /// <summary>The method's name in plans.</summary>
    public const string Method = "unified";

    /// <summary>Ranks and chooses.</summary>
    /// <param name="configuration">The model before pruning.</param>
    /// <param name="scores">Scores of its channels, from the unmerged heads.</param>
    /// <param name="options">The shares, sizes or budget to keep.</param>
    /// <returns>The plan. Equal scores are decided by index, the later channel goes first.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the model cannot be cut to the sizes, or the scores are of another model.</exception>
    public static PruningPlan Plan(ModelConfiguration configuration, ChannelScores scores, UnifiedPruningOptions options)
    {
        options.Validate();
        Check.All([.. ScoreFaults.Find(configuration, scores), KeptSizes.HeadFault(configuration, options.Heads)]);
        var sizes = KeptSizes.Of(configuration, scores, options);
        bool narrower = !sizes.Embed.SequenceEqual(configuration.Stages.Select(stage => stage.EmbedDim));
        if (narrower && scores.Embed.Count == 0) throw new ArgumentException("The residual channels were not scored; the sizes to keep ask for fewer of them.");
        var segments = Segments(configuration, sizes);
        List<int> Kept(PruningComponent component, int index) => [.. segments.Where(s => s.Component == component && s.Index == index).SelectMany(s => s.Highest(scores.Of(component)[index]))];
        return new PruningPlan(Method, scores.Importance,
            [.. sizes.Blocks.Select((block, i) => new BlockPlan(block.Heads, Kept(PruningComponent.Attention, i), Kept(PruningComponent.Mlp, i)))])
        {
            Embed = narrower ? [.. sizes.Embed.Select((_, s) => Kept(PruningComponent.Embed, s))] : null,
        };
    }

    /// <summary>Says what is wrong with the options for a model before anything is scored.</summary>
    /// <param name="configuration">The model before pruning.</param>
    /// <param name="options">The options, valid by themselves.</param>
    /// <exception cref="ArgumentException">The model cannot be cut to the sizes.</exception>
    internal static void CheckSizes(ModelConfiguration configuration, UnifiedPruningOptions options)
    {
        Check.All(KeptSizes.HeadFault(configuration, options.Heads));
        if (options.Target is not null) KeptSizes.OfTarget(configuration, ModelPresets.Get(options.Target));
        if (options.Budget is { } budget) Check.All(BudgetSizes.Fault(configuration, KeptSizes.EmbedOf(configuration, options), budget, options.Heads, options.WidthMultiple));
    }

    /// <summary>The runs of channels within which scores are compared: a stage's residual channels, each merged head, each MLP.</summary>
    internal static List<RankedSegment> Segments(ModelConfiguration configuration, KeptSizes sizes)
    {
        var segments = new List<RankedSegment>();
        for (int s = 0; s < sizes.Embed.Count; s++) segments.Add(new(PruningComponent.Embed, s, 0, configuration.Stages[s].EmbedDim, sizes.Embed[s]));
        foreach (var (block, kept, i) in configuration.Blocks.Zip(sizes.Blocks, Enumerable.Range(0, sizes.Blocks.Count)))
        {
            for (int head = 0; head < kept.Heads; head++)
            {
                int width = block.AttentionDim / kept.Heads;    // merged head g owns the channels of its consecutive heads
                segments.Add(new(PruningComponent.Attention, i, head * width, width, kept.HeadDim));
            }
            if (block.HasMlp) segments.Add(new(PruningComponent.Mlp, i, 0, block.MlpHiddenDim, kept.MlpHiddenDim));
        }
        return segments;
    }
}

/// <summary>Channels of which the best ones stay.</summary>
/// <param name="Component">Their kind.</param>
/// <param name="Index">Their stage or block.</param>
/// <param name="Start">The first channel.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Keep">How many stay.</param>
internal sealed record RankedSegment(PruningComponent Component, int Index, int Start, int Length, int Keep)
{
    /// <summary>All channels, the highest score first; of equal ones the earlier.</summary>
    public List<int> Ranked(double[] scores) => [.. Enumerable.Range(Start, Length).OrderByDescending(i => scores[i]).ThenBy(i => i)];

    /// <summary>The channels that stay, ascending.</summary>
    public IEnumerable<int> Highest(double[] scores) => Ranked(scores).Take(Keep).Order();
}
