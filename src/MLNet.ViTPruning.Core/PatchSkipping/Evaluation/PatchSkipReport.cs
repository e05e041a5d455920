namespace MLNet.ViTPruning.PatchSkipping.Evaluation;

/// <summary>What one layer skips, and how well its scorer knows.</summary>
/// <param name="Layer">The block's index.</param>
/// <param name="KeptShare">Share of the patches that it computes; where tokens are merged, the share of the model's patches that are left before it.</param>
/// <param name="LabelShare">Share of the patches that are worth computing, or null where nothing is scored.</param>
/// <param name="ScorerAccuracy">Share of the patches that were rightly computed or rightly skipped, or null.</param>
/// <param name="BalancedAccuracy">The mean of the same share among patches worth computing and among the others; of one of them where there are no
/// others. Null where nothing is scored. One half is chance.</param>
public sealed record LayerReport(int Layer, double KeptShare, double? LabelShare, double? ScorerAccuracy, double? BalancedAccuracy);

/// <summary>How a model that skips patches does on images.</summary>
public sealed record PatchSkipReport
{
    /// <summary>Images seen.</summary>
    public required int Images { get; init; }

    /// <summary>Images of them that scorers were measured on; 0 where nothing is scored.</summary>
    public required int ScorerImages { get; init; }

    /// <summary>Percent of the images whose label got the highest score.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Multiply-adds that the dense model executes for an image.</summary>
    public required long DenseExecutedMacs { get; init; }

    /// <summary>Multiply-adds executed for an image, mean.</summary>
    public required double ExecutedMacs { get; init; }

    /// <summary>Share of the dense model's executed multiply-adds that was saved, mean over the images.</summary>
    public required double MacsSaved { get; init; }

    /// <summary>Patches that came back after idling, per image; null where tokens are merged.</summary>
    public double? ReEntries { get; init; }

    /// <summary>The layers that skip.</summary>
    public required IReadOnlyList<LayerReport> Layers { get; init; }
}
