namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>How the channels are scored.</summary>
public enum ImportanceKind
{
    /// <summary>The Fisher estimate for all channels, then exact divergences of those nearest each cut.</summary>
    Auto,

    /// <summary>The exact KL divergence without each channel.</summary>
    Exact,

    /// <summary>An estimate of that divergence for all channels at once.</summary>
    Fisher,

    /// <summary>The size of the channel's weights; needs no images. A baseline.</summary>
    Magnitude,

    /// <summary>The first-order change of the loss at the true labels. A baseline; needs labels.</summary>
    Taylor,

    /// <summary>By chance. A baseline.</summary>
    Random,
}
