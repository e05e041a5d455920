using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Groups of channels of a model.</summary>
internal static class ChannelGroups
{
    /// <summary>Channels that a group of a model has; 0 where there is no such group.</summary>
    public static int Count(ModelConfiguration configuration, PruningComponent component, int index)
    {
        if (component == PruningComponent.Embed) return index >= 0 && index < configuration.Stages.Count ? configuration.Stages[index].EmbedDim : 0;
        var block = index < 0 ? null : configuration.Blocks.ElementAtOrDefault(index);
        return (component == PruningComponent.Attention ? block?.AttentionDim : block?.MlpHiddenDim) ?? 0;
    }

    /// <summary>Every channel of some components.</summary>
    public static List<ChannelGroup> All(ModelConfiguration configuration, params IEnumerable<PruningComponent> components)
    {
        var groups = new List<ChannelGroup>();
        foreach (var component in components)
        {
            int indices = component == PruningComponent.Embed ? configuration.Stages.Count : configuration.Blocks.Count();
            for (int i = 0; i < indices; i++)
                if (Count(configuration, component, i) is > 0 and var count) groups.Add(new ChannelGroup(component, i, [.. Enumerable.Range(0, count)]));
        }
        return groups;
    }

    /// <exception cref="ArgumentException">A group or channel does not exist; all faults in one message.</exception>
    public static void Check(ModelConfiguration configuration, IReadOnlyList<ChannelGroup> groups)
    {
        var faults = new List<string>();
        foreach (var group in groups)
        {
            int count = Count(configuration, group.Component, group.Index);
            if (count == 0) faults.Add($"The model has no {group.Component} channels at {group.Index}.");
            else if (group.Channels.Any(c => c < 0 || c >= count)) faults.Add($"{group.Component} {group.Index} has the channels 0 to {count - 1}; {group.Channels.First(c => c < 0 || c >= count)} is none of them.");
        }
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults), nameof(groups));
    }
}
