using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Whether scores are those of a model.</summary>
internal static class ScoreFaults
{
    /// <returns>A sentence for each fault; empty where they fit.</returns>
    public static List<string> Find(ModelConfiguration configuration, ChannelScores scores)
    {
        var faults = new List<string>();
        var blocks = configuration.Blocks.ToList();
        if (scores.Attention.Count != blocks.Count || scores.Mlp.Count != blocks.Count)
            faults.Add($"There are scores for {scores.Attention.Count} and {scores.Mlp.Count} blocks; the model has {blocks.Count}.");
        else
            for (int i = 0; i < blocks.Count; i++)
                if (scores.Attention[i].Length != blocks[i].AttentionDim || scores.Mlp[i].Length != blocks[i].MlpHiddenDim)
                    faults.Add($"Block {i} has {blocks[i].AttentionDim} attention and {blocks[i].MlpHiddenDim} mlp channels; there are {scores.Attention[i].Length} and {scores.Mlp[i].Length} scores.");
        var widths = configuration.Stages.Select(stage => stage.EmbedDim).ToList();
        if (scores.Embed.Count > 0 && !scores.Embed.Select(stage => stage.Length).SequenceEqual(widths))
            faults.Add($"The stages have {string.Join(", ", widths)} residual channels; there are {string.Join(", ", scores.Embed.Select(stage => stage.Length))} scores.");
        return faults;
    }
}
