using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Unified;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Structured pruning by DIMAP's relative distortion: MLP channels, and attention channels or whole heads, are ranked over all blocks
/// and stages by how much of their block's remaining weight they are. The model becomes physically smaller; no images are looked at.</summary>
/// <remarks>Source: DIMAP (He and Zhou, "Data-independent Module-aware Pruning for Hierarchical Vision Transformers", ICLR 2024, arXiv:2404.13648), equation 10.
/// Differs: it scores single weights and removes none physically; here a group of weights that go together has one score.</remarks>
public sealed record StructuredDimapOptions : PruningOptions
{
    private const int UsualBatchSize = 32;
    private const double UsualAttentionKeepRatio = 0.75, UsualMlpKeepRatio = 0.5;

    /// <summary>Share of the MLP channels of all blocks together that stay, in (0, 1]. Blocks keep different shares; each keeps at least one.</summary>
    /// <value>The default is 0.5.</value>
    public double MlpKeepRatio { get; init; } = UsualMlpKeepRatio;

    /// <summary>Share of the attention channels, or heads, of all blocks together that stay, in (0, 1]. Blocks keep different shares; each keeps at
    /// least one head and every head at least one channel.</summary>
    /// <value>The default is 0.75.</value>
    public double AttentionKeepRatio { get; init; } = UsualAttentionKeepRatio;

    /// <summary>What goes from attention.</summary>
    /// <value>The default is <see cref="AttentionUnit.Channels"/>.</value>
    public AttentionUnit AttentionUnit { get; init; }

    /// <summary>A budget for the whole model in place of <see cref="AttentionKeepRatio"/> and <see cref="MlpKeepRatio"/>: both get the same share, the
    /// largest that is within it.</summary>
    /// <value>The default is <see langword="null"/>: the ratios say it.</value>
    public PruningBudget? Budget { get; init; }

    /// <summary>Head dimension and MLP width are rounded to multiples of this; 8 suits most hardware.</summary>
    /// <value>The default is 1.</value>
    public int WidthMultiple { get; init; } = 1;

    /// <summary>How accuracy is won back right after the cut. All but <see cref="RecoveryMethod.None"/> look at images. Its own progress and token are
    /// heeded beside those of the whole.</summary>
    /// <value>The default is none.</value>
    public RecoveryOptions Recovery { get; init; } = new() { Method = RecoveryMethod.None };

    /// <summary>Images of recovery that pass through the models together.</summary>
    /// <value>The default is 32.</value>
    public int BatchSize { get; init; } = UsualBatchSize;

    /// <inheritdoc/>
    public override void Validate() => Check.All(
    [
        Check.InRange(MlpKeepRatio, 0, 1, lowerExclusive: true),
        Check.InRange(AttentionKeepRatio, 0, 1, lowerExclusive: true),
        Check.Defined(AttentionUnit),
        Check.That(Budget is null || (AttentionKeepRatio == UsualAttentionKeepRatio && MlpKeepRatio == UsualMlpKeepRatio),
            "Budget takes the place of AttentionKeepRatio and MlpKeepRatio; leave them as they are."),
        Budget is null ? null : Check.InRange(Budget.KeepRatio, 0, 1, lowerExclusive: true),
        Budget is null ? null : Check.Defined(Budget.Measure),
        Check.AtLeast(WidthMultiple, 1),
        Check.AtLeast(BatchSize, 1),
        Check.HasEffect(Recovery?.Method != RecoveryMethod.None, BatchSize, UsualBatchSize, "in recovery"),
        .. Recovery?.Faults($"{nameof(Recovery)}.") ?? ["Recovery is null; RecoveryMethod.None leaves it out."],
    ]);
}
