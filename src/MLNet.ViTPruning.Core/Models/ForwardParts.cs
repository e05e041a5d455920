namespace MLNet.ViTPruning.Models;

/// <summary>How many images go through a model together where a batch may be cut into parts.</summary>
/// <remarks>The usual allocator of Linux hands memory back to the system when some ten megabytes are free at its end, or at once for blocks of 32 MiB, and then
/// every product writes to pages that the system must find and clear first: 6000 page faults an image were counted for ViT-Small at batch 16 and 32,
/// 3 at batch 8, which was half as fast again. A block's activations together are three to four times the largest one.</remarks>
internal static class ForwardParts
{
    private const long LargestActivation = 10 << 20;    // bytes

    /// <summary>Images of a part: a power of two, so that equal sizes come again.</summary>
    /// <param name="configuration">A valid configuration.</param>
    public static long Images(ModelConfiguration configuration)
    {
        long bytes = 1;
        for (int s = 0; s < configuration.Stages.Count; s++)
            foreach (var block in configuration.Stages[s].Blocks) bytes = Math.Max(bytes, sizeof(float) * Largest(configuration, s, block));
        return 1L << (int)Math.Log2(Math.Max(1, LargestActivation / bytes));
    }

    /// <summary>Elements of a block's largest activation for one image: hidden channels, query with key and value, or attention weights.</summary>
    private static long Largest(ModelConfiguration configuration, int stage, BlockConfiguration block)
    {
        long tokens = configuration.TokensOf(stage);
        long seen = configuration.Family switch
        {
            ModelFamily.Swin => (long)configuration.WindowOf(stage) * configuration.WindowOf(stage),
            ModelFamily.PvtV2 => configuration.ReducedTokensOf(stage),
            _ => tokens,
        };
        return tokens * Math.Max(Math.Max(block.MlpHiddenDim, 3L * block.AttentionDim), block.Heads * seen);
    }
}
