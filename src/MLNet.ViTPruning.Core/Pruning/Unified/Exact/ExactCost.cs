using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>What exact scores cost, in forward passes of the whole model.</summary>
internal static class ExactCost
{
    /// <summary>The cost of one channel and one image: what must be computed again behind the channel.</summary>
    public static double Share(ModelConfiguration configuration, ChannelGroup group)
    {
        if (group.Component == PruningComponent.Embed) return 1;
        var size = ModelSize.Of(configuration);
        long behind = size.Components.Where(c => c.Block > group.Index || c.Component == "head").Sum(c => c.Macs);
        if (group.Component == PruningComponent.Attention) behind += size.Components.Where(c => c.Block == group.Index && c.Component == "mlp").Sum(c => c.Macs);
        return Math.Max((double)behind / size.Macs, 1e-3);
    }

    /// <summary>The cost of all channels on some images.</summary>
    public static double ForwardPasses(ModelConfiguration configuration, IReadOnlyList<ChannelGroup> groups, int images) =>
        groups.Sum(group => group.Channels.Count * Share(configuration, group)) * images;
}
