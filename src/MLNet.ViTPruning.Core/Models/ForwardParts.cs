namespace MLNet.ViTPruning.Models;

/// <summary>How many images go through a model together where a batch may be cut into parts.</summary>
/// <remarks>The usual allocator of Linux hands memory back to the system when some ten megabytes are free at its end, or at once for blocks of 32 MiB, and then
/// every product writes to pages that the system must find and clear first: 6000 page faults an image were counted for ViT-Small at batch 16 and 32,
/// 3 at batch 8, which was half as fast again. A block's activations together are three to four times the largest one.</remarks>
internal static class ForwardParts
{
    private const long LargestActivation = 10 << 20;    // bytes

    /// <summary>Images of a part in each stage: powers of two, so that equal sizes come again, and never fewer than in a stage before: later stages have smaller
    /// activations, and products of few images would be too small there.</summary>
    /// <param name="configuration">A valid configuration.</param>
    public static long[] Images(ModelConfiguration configuration)
    {
        // Blocks may have neither half.
        long Bytes(int stage) => configuration.Stages[stage].Blocks.Select(block => sizeof(float) * Largest(configuration, stage, block)).Prepend(1).Max();
        long[] images = [.. configuration.Stages.Select((_, s) => 1L << (int)Math.Log2(Math.Max(1, LargestActivation / Bytes(s))))];
        for (int s = images.Length - 2; s >= 0; s--) images[s] = Math.Min(images[s], images[s + 1]);
        return images;
    }

    /// <summary>Elements of a block's largest activation for one image: hidden channels, or query with key and value. Attention weights never stand in memory as a whole.</summary>
    private static long Largest(ModelConfiguration configuration, int stage, BlockConfiguration block) =>
        configuration.TokensOf(stage) * Math.Max(block.MlpHiddenDim, 3L * block.AttentionDim);
}
