using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Structured channel pruning after UP-ViTs: attention channels (with head merging) and MLP channels, the same
/// share in every block, ranked by how much the model's prediction changes without them.</summary>
/// <remarks>Source: Yu and Wu, "A unified pruning framework for vision transformers" (SCIS 2023, arXiv:2111.15127).</remarks>
public sealed record UnifiedPruningOptions : PruningOptions
{
    /// <summary>Share of attention channels kept in each block, in (0, 1].</summary>
    /// <value>The default is 0.75.</value>
    public double AttentionKeepRatio { get; init; } = 0.75;

    /// <summary>Share of MLP hidden channels kept in each block, in (0, 1].</summary>
    /// <value>The default is 0.5.</value>
    public double MlpKeepRatio { get; init; } = 0.5;

    /// <summary>Heads of each block after merging consecutive ones; must divide every block's heads. Merging changes the
    /// function and needs fine-tuning. <see langword="null"/> keeps the heads.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? Heads { get; init; }

    /// <summary>Images used to score the channels, drawn class by class. Fewer are used where there are fewer.</summary>
    /// <value>The default is 2000, as published.</value>
    public int ProxyImages { get; init; } = 2000;

    /// <summary>Labels drawn per image from the model's own prediction; each costs one backward pass.</summary>
    /// <value>The default is 1.</value>
    public int FisherDraws { get; init; } = 1;

    /// <summary>Images scored together.</summary>
    /// <value>The default is 32.</value>
    public int BatchSize { get; init; } = 32;

    /// <inheritdoc/>
    public override void Validate() => Check.All(
        Check.InRange(AttentionKeepRatio, 0, 1, lowerExclusive: true),
        Check.InRange(MlpKeepRatio, 0, 1, lowerExclusive: true),
        Check.AtLeast(Heads, 1),
        Check.AtLeast(ProxyImages, 1),
        Check.AtLeast(FisherDraws, 1),
        Check.AtLeast(BatchSize, 1));
}
