using System.Text.Json.Serialization;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Sums over images of the scores of a group's channels, those of every second image apart.</summary>
/// <param name="Component">The component.</param>
/// <param name="Index">The stage or block.</param>
/// <param name="Channels">The channels.</param>
/// <param name="Even">Per channel, the sum over images at even places.</param>
/// <param name="Odd">Per channel, the sum over the other images.</param>
internal sealed record GroupSums(PruningComponent Component, int Index, int[] Channels, double[] Even, double[] Odd)
{
    /// <summary>Sums of no image yet.</summary>
    public static GroupSums Of(ChannelGroup group) =>
        new(group.Component, group.Index, [.. group.Channels], new double[group.Channels.Count], new double[group.Channels.Count]);

    /// <summary>Per channel, the sum over all images.</summary>
    [JsonIgnore]
    public double[] Total => [.. Even.Zip(Odd, (even, odd) => even + odd)];

    public void Add(long image, int channel, double value) => (image % 2 == 0 ? Even : Odd)[channel] += value;
}

/// <summary>Turns sums into scores.</summary>
internal static class ScoreTables
{
    /// <exception cref="InvalidOperationException">A sum is no finite number.</exception>
    public static void ThrowIfNotFinite(IEnumerable<GroupSums> groups)
    {
        if (groups.Any(group => group.Total.Any(value => !double.IsFinite(value))))
            throw new InvalidOperationException("The scores are not finite: the model's logits overflow, or its weights are broken.");
    }

    /// <summary>One array per stage or block; zeros where a group was not scored.</summary>
    /// <param name="name">The name of the scores.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="groups">Sums of whole groups, every channel in order.</param>
    /// <param name="ofImages">Whether they are losses of the output for images, of which two halves can be compared.</param>
    public static ChannelScores Of(string name, Models.ModelConfiguration configuration, IReadOnlyList<GroupSums> groups, bool ofImages = true)
    {
        ThrowIfNotFinite(groups);
        double[] Find(PruningComponent component, int index) =>
            groups.FirstOrDefault(g => g.Component == component && g.Index == index)?.Total ?? new double[ChannelGroups.Count(configuration, component, index)];
        int blocks = configuration.Blocks.Count();
        return new ChannelScores(name, [.. Enumerable.Range(0, blocks).Select(i => Find(PruningComponent.Attention, i))], [.. Enumerable.Range(0, blocks).Select(i => Find(PruningComponent.Mlp, i))])
        {
            Embed = groups.Any(g => g.Component == PruningComponent.Embed) ? [.. configuration.Stages.Select((_, s) => Find(PruningComponent.Embed, s))] : [],
            OneScale = ofImages,
            Stability = ofImages ? [.. groups.Select(g => new RankStability(g.Component, g.Index, RankCorrelation.Spearman(g.Even, g.Odd)))] : [],
        };
    }
}
