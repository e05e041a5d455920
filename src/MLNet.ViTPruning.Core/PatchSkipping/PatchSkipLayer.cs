namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>How one layer skips.</summary>
/// <param name="Layer">The block's index, from 0.</param>
public sealed record PatchSkipLayer(int Layer)
{
    /// <summary>A patch is computed when its score is greater than this, in [0, 1]: 0 keeps all, 1 none. Heeded by
    /// <see cref="PatchSkipMethod.Learned"/>.</summary>
    /// <value>The default is 0.5.</value>
    public double ScoreThreshold { get; init; } = 0.5;

    /// <summary>What this layer's scorer is taught, in (0, 1]; <see cref="PatchSkipConfiguration.ScaledCosineThreshold"/> where it is
    /// <see langword="null"/>, the default.</summary>
    public double? ScaledCosineThreshold { get; init; }

    /// <summary>Patches that are computed, for <see cref="PatchSkipMethod.LearnedTopK"/>, <see cref="PatchSkipMethod.Random"/> and
    /// <see cref="PatchSkipMethod.ClassAttention"/>, which need it.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? PatchesKept { get; init; }

    /// <summary>Tokens that are merged into others in this layer, for <see cref="PatchSkipMethod.Merging"/>, which needs it. Where fewer can be,
    /// fewer are.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? TokensMerged { get; init; }

    /// <summary>The threshold for the raw output of a scorer, whose sigmoid is the score.</summary>
    internal double ThresholdLogit => ScoreThreshold switch
    {
        <= 0 => double.NegativeInfinity,
        >= 1 => double.PositiveInfinity,
        _ => Math.Log(ScoreThreshold / (1 - ScoreThreshold)),
    };
}
