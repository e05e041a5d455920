using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Turns channel scores into a plan: the same share in every block, the lowest scores go.</summary>
public static class UnifiedPlanner
{
    /// <summary>Ranks and chooses.</summary>
    /// <param name="configuration">The model before pruning.</param>
    /// <param name="scores">Scores of its channels, from the unmerged heads.</param>
    /// <param name="options">The shares to keep and the head count after merging.</param>
    /// <returns>The plan. Equal scores are decided by index, the later channel goes first.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the head count does not divide a block's, or the scores are of another model.</exception>
    public static PruningPlan Plan(ModelConfiguration configuration, ChannelScores scores, UnifiedPruningOptions options)
    {
        options.Validate();
        var blocks = configuration.Blocks.ToList();
        CheckFits(blocks, scores, options);
        var plans = blocks.Select((block, i) => PlanBlock(block, scores.Attention[i], scores.Mlp[i], options)).ToList();
        return new PruningPlan("unified", scores.Importance, plans);
    }

    private static BlockPlan PlanBlock(BlockConfiguration block, double[] attention, double[] mlp, UnifiedPruningOptions options)
    {
        int heads = block.HasAttention ? options.Heads ?? block.Heads : 0;
        var attentionKept = new List<int>();
        for (int head = 0; head < heads; head++)
        {
            int width = block.AttentionDim / heads;    // merged head g owns the channels of its consecutive heads
            attentionKept.AddRange(Highest(attention, head * width, width, Count(width, options.AttentionKeepRatio)));
        }
        var mlpKept = block.HasMlp ? Highest(mlp, 0, block.MlpHiddenDim, Count(block.MlpHiddenDim, options.MlpKeepRatio)) : [];
        return new BlockPlan(heads, attentionKept, mlpKept);
    }

    private static int Count(int channels, double keepRatio) => Math.Clamp((int)Math.Round(channels * keepRatio), 1, channels);

    private static List<int> Highest(double[] scores, int start, int length, int count) =>
        [.. Enumerable.Range(start, length).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(count).Order()];

    private static void CheckFits(List<BlockConfiguration> blocks, ChannelScores scores, UnifiedPruningOptions options)
    {
        var faults = new List<string>();
        if (scores.Attention.Count != blocks.Count || scores.Mlp.Count != blocks.Count)
            faults.Add($"There are scores for {scores.Attention.Count} and {scores.Mlp.Count} blocks; the model has {blocks.Count}.");
        else
            for (int i = 0; i < blocks.Count; i++)
                if (scores.Attention[i].Length != blocks[i].AttentionDim || scores.Mlp[i].Length != blocks[i].MlpHiddenDim)
                    faults.Add($"Block {i} has {blocks[i].AttentionDim} attention and {blocks[i].MlpHiddenDim} mlp channels; there are {scores.Attention[i].Length} and {scores.Mlp[i].Length} scores.");
        if (options.Heads is { } heads)
        {
            var misfits = blocks.Where(block => block.HasAttention && block.Heads % heads != 0).Select(block => block.Heads).Distinct().ToList();
            if (misfits.Count > 0) faults.Add($"Heads is {heads}; it must divide every block's heads ({string.Join(", ", misfits)}).");
        }
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults));
    }
}
