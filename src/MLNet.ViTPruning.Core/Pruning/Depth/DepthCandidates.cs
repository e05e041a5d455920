using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>What could be removed from a model, and how far that can go.</summary>
internal static class DepthCandidates
{
    /// <summary>Neighbouring halves of different kind within a stage, in order. A stage's last attention half is in none of them.</summary>
    public static List<(ModelStep First, ModelStep Second)> Of(ModelConfiguration configuration)
    {
        var steps = ModelSteps.Of(configuration).ToList();
        var attentions = steps.Where(IsAttention).CountBy(step => step.Stage).ToDictionary();
        return [.. steps.Zip(steps.Skip(1)).Where(pair => pair.First.Half is not null && pair.Second.Half is not null
            && pair.First.Half != pair.Second.Half && pair.First.Stage == pair.Second.Stage && attentions[pair.First.Stage] > 1)];
    }

    /// <summary>How many pairs can go, one after the other. Any mixture of both kinds has neighbours of different kind, so only
    /// their numbers count.</summary>
    public static int MostRemovals(ModelConfiguration configuration) => Enumerable.Range(0, configuration.Stages.Count).Sum(stage => MostRemovals(configuration, stage));

    /// <exception cref="ArgumentException">The options ask for more than the model can give.</exception>
    public static void CheckTarget(ModelConfiguration configuration, DepthPruningOptions options)
    {
        int most = MostRemovals(configuration);
        if (options.Removals > most)
            throw new ArgumentException($"Removals is {options.Removals}; this model of {configuration.Blocks.Count()} blocks can give up {most}, as every stage keeps an attention half.");
        if (options.MacsKeepRatio is not { } ratio) return;
        var size = ModelSize.Of(configuration);
        long least = LeastMacs(configuration, size);
        if (size.Macs * ratio < least)
            throw new ArgumentException(FormattableString.Invariant($"MacsKeepRatio is {ratio}; without any block that can go this model still has {(double)least / size.Macs:0.###} of its multiply-adds."));
    }

    /// <summary>Whether enough was removed.</summary>
    public static bool Suffices(ModelConfiguration original, ModelConfiguration current, int removals, DepthPruningOptions options) =>
        options.Removals is { } wanted ? removals >= wanted : ModelSize.Of(current).Macs <= ModelSize.Of(original).Macs * options.MacsKeepRatio!.Value;

    /// <summary>Share of the way that is done, in [0, 1].</summary>
    public static double Progress(ModelConfiguration original, ModelConfiguration current, int removals, DepthPruningOptions options)
    {
        if (options.Removals is { } wanted) return (double)removals / wanted;
        double whole = ModelSize.Of(original).Macs;
        return Math.Min(1, (whole - ModelSize.Of(current).Macs) / (whole * (1 - options.MacsKeepRatio!.Value)));
    }

    /// <summary>About how much of the way one more removal is: all alike, or as much as a pair of the present model takes on average.</summary>
    public static double Step(ModelConfiguration original, ModelConfiguration current, DepthPruningOptions options)
    {
        if (options.Removals is { } wanted) return 1.0 / wanted;
        var (whole, now) = (ModelSize.Of(original), ModelSize.Of(current));
        double pair = (double)now.Components.Where(c => c.Component is "attention" or "mlp").Sum(c => c.Macs) / Math.Max(1, current.Blocks.Count());
        return pair / (whole.Macs * (1 - options.MacsKeepRatio!.Value));
    }

    private static bool IsAttention(ModelStep step) => step.Half == BlockHalf.Attention;

    private static int MostRemovals(ModelConfiguration configuration, int stage)
    {
        var blocks = configuration.Stages[stage].Blocks;
        return Math.Max(0, Math.Min(blocks.Count(block => block.HasAttention) - 1, blocks.Count(block => block.HasMlp)));
    }

    /// <summary>A bound from below: as many halves of each kind as can go, and always the largest.</summary>
    private static long LeastMacs(ModelConfiguration configuration, ModelSize size)
    {
        long macs = size.Macs;
        for (int s = 0; s < configuration.Stages.Count; s++)
            foreach (var kind in (string[])["attention", "mlp"])
                macs -= size.Components.Where(c => c.Stage == s && c.Component == kind).Select(c => c.Macs).OrderDescending().Take(MostRemovals(configuration, s)).Sum();
        return macs;
    }
}
