namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>How much each channel of each block matters; larger is more. Scores of different components, or blocks, are
/// not on one scale (methods differ by a factor of 1000): compare within a block only.</summary>
/// <param name="Importance">How they were computed, for example <c>fisher</c>.</param>
/// <param name="Attention">Per block, one score per attention channel (<c>heads * headDim</c>).</param>
/// <param name="Mlp">Per block, one score per MLP hidden channel.</param>
public sealed record ChannelScores(string Importance, IReadOnlyList<double[]> Attention, IReadOnlyList<double[]> Mlp)
{
    /// <summary>Per stage, one score per residual channel; empty where they were not scored.</summary>
    public IReadOnlyList<double[]> Embed { get; init; } = [];
}
