using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>Puts the halves that remain into blocks again.</summary>
/// <remarks>A block is an attention half followed by an MLP half, so the attention of block i and the MLP of a later block make an
/// ordinary block; whatever pair they come from, each brings its own norm. In Swin a block's place in its stage decides whether
/// its windows are shifted. There an attention half goes to a place of its old parity, and a place may stay empty.</remarks>
internal static class BlockPacking
{
    /// <summary>Packs the halves of one stage.</summary>
    /// <param name="configuration">The model before the removal.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="halves">The halves of it that remain, in order.</param>
    /// <returns>Which blocks of the model before the removal the halves of each new block come from.</returns>
    public static List<BlockOrigin> Pack(ModelConfiguration configuration, int stage, IEnumerable<ModelStep> halves)
    {
        int first = configuration.FirstBlockOf(stage);
        bool shifts = configuration.Family == ModelFamily.Swin && configuration.ShiftOf(stage, block: 1) != 0;
        var blocks = new List<BlockOrigin>();
        foreach (var half in halves)
        {
            if (half.Half == BlockHalf.Mlp)
            {
                if (blocks.Count > 0 && blocks[^1].Mlp is null) blocks[^1] = blocks[^1] with { Mlp = half.Block };
                else blocks.Add(new BlockOrigin(null, half.Block));
                continue;
            }
            if (shifts && (half.Block - first) % 2 != blocks.Count % 2) blocks.Add(new BlockOrigin(null, null));
            blocks.Add(new BlockOrigin(half.Block, null));
        }
        return blocks;
    }
}
