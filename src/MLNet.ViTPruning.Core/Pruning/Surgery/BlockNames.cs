using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Surgery;

/// <summary>Where blocks stand in a state dict.</summary>
internal static class BlockNames
{
    /// <summary>What the keys of a block begin with, without the last dot.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="block">Index over all blocks.</param>
    public static string Prefix(ModelConfiguration configuration, int block)
    {
        int stage = 0;
        for (; block >= configuration.Stages[stage].Blocks.Count; stage++) block -= configuration.Stages[stage].Blocks.Count;
        return BlockKeys.Prefix(configuration.Family, stage, block);
    }
}
