namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>How much each channel matters; larger is more. A ranking compares within a block and a component only; a budget compares all of them.</summary>
/// <param name="Importance">How they were computed, for example <c>fisher</c>.</param>
/// <param name="Attention">Per block, one score per attention channel (<c>heads * headDim</c>).</param>
/// <param name="Mlp">Per block, one score per MLP hidden channel.</param>
public sealed record ChannelScores(string Importance, IReadOnlyList<double[]> Attention, IReadOnlyList<double[]> Mlp)
{
    /// <summary>Per stage, one score per residual channel; empty where they were not scored.</summary>
    public IReadOnlyList<double[]> Embed { get; init; } = [];

    /// <summary>Whether all scores measure the same, what the model's output loses, so that a budget may weigh blocks and components against each
    /// other; where not, as with magnitudes, it divides them by the mean of their group first.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool OneScale { get; init; }

    /// <summary>How alike two halves of the images rank the channels, one entry per group; empty where no images were used.</summary>
    public IReadOnlyList<RankStability> Stability { get; init; } = [];

    /// <summary>How many channels have exact scores.</summary>
    public int ExactChannels { get; init; }

    /// <summary>The scores of one component, per stage or block.</summary>
    /// <param name="component">The component.</param>
    public IReadOnlyList<double[]> Of(PruningComponent component) => component switch
    {
        PruningComponent.Embed => Embed,
        PruningComponent.Attention => Attention,
        _ => Mlp,
    };
}

/// <summary>How stable the ranking of a group's channels is.</summary>
/// <param name="Component">The component.</param>
/// <param name="Index">The stage or block.</param>
/// <param name="Spearman">Rank correlation between the scores of the images at even and at odd places; 1 is the same order.</param>
public sealed record RankStability(PruningComponent Component, int Index, double Spearman);
