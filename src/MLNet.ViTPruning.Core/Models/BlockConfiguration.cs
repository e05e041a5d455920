namespace MLNet.ViTPruning.Models;

/// <summary>The sizes of one Transformer block. Pruning changes them block by block, so they are data.</summary>
/// <param name="Heads">Attention heads; 0 where the block has no attention.</param>
/// <param name="HeadDim">Channels of one head, for query, key and value alike; 0 where the block has no attention.</param>
/// <param name="MlpHiddenDim">Hidden channels of the MLP; 0 where the block has no MLP.</param>
public sealed record BlockConfiguration(int Heads, int HeadDim, int MlpHiddenDim)
{
    /// <summary>Whether the block has an attention half.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasAttention => Heads > 0;

    /// <summary>Whether the block has an MLP half.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasMlp => MlpHiddenDim > 0;

    /// <summary>Width of the concatenated heads: <c>Heads * HeadDim</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int AttentionDim => Heads * HeadDim;
}

/// <summary>A run of blocks that share one residual width. A plain ViT has one stage, Swin has several.</summary>
/// <param name="EmbedDim">Width of the residual stream in this stage.</param>
/// <param name="Blocks">The blocks, in order.</param>
public sealed record StageConfiguration(int EmbedDim, IReadOnlyList<BlockConfiguration> Blocks)
{
    /// <inheritdoc/>
    public bool Equals(StageConfiguration? other) => other is not null && EmbedDim == other.EmbedDim && Blocks.SequenceEqual(other.Blocks);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EmbedDim, Blocks.Count);
}
