namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>What a part of the scoring will cost.</summary>
/// <param name="Importance">Its name, <c>fisher</c> or <c>exact</c>.</param>
/// <param name="Channels">Channels that are scored.</param>
/// <param name="Images">Images they are scored on.</param>
/// <param name="Expected">The time it will take on this machine, by a few measured passes.</param>
public sealed record ScoringEstimate(string Importance, int Channels, int Images, TimeSpan Expected)
{
    /// <summary>The time of all the scoring that is left, by the same passes: this part and, before the estimate of <c>auto</c>, the exact scores that
    /// follow.</summary>
    public TimeSpan Remaining { get; init; } = Expected;
}
