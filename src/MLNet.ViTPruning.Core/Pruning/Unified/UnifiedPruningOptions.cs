using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Structured channel pruning after UP-ViTs: residual channels, attention channels (with head merging) and MLP channels,
/// ranked by how much the model's prediction changes without them.</summary>
/// <remarks>Source: Yu and Wu, "A unified pruning framework for vision transformers" (SCIS 2023, arXiv:2111.15127).</remarks>
public sealed record UnifiedPruningOptions : PruningOptions
{
    private static readonly UnifiedPruningOptions Usual = new();

    /// <summary>Share of the residual channels kept in each stage, in (0, 1]. Cutting them shifts every norm's mean and variance, so that the
    /// model needs fine-tuning.</summary>
    /// <value>The default is 1.</value>
    public double EmbedKeepRatio { get; init; } = 1;

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

    /// <summary>A preset whose widths and heads the pruned model shall have, such as <c>deit_small_patch16_224</c>, in place of ratios.</summary>
    /// <value>The default is <see langword="null"/>: the ratios say it.</value>
    public string? Target { get; init; }

    /// <summary>A budget for the whole model in place of <see cref="AttentionKeepRatio"/> and <see cref="MlpKeepRatio"/>: the channels that cost the
    /// output least for what they save go first, wherever they are (<see cref="ChannelScores.OneScale"/>).</summary>
    /// <value>The default is <see langword="null"/>: the same share in every block.</value>
    public PruningBudget? Budget { get; init; }

    /// <summary>Head dimension, MLP width and residual width are rounded to multiples of this; 8 suits most hardware.</summary>
    /// <value>The default is 1.</value>
    public int WidthMultiple { get; init; } = 1;

    /// <summary>How channels are scored.</summary>
    /// <value>The default is <see cref="ImportanceKind.Auto"/>: several minutes for ViT-Tiny on two cores; <see cref="ImportanceKind.Fisher"/>
    /// alone is quicker.</value>
    public ImportanceKind Importance { get; init; } = ImportanceKind.Auto;

    /// <summary>Images used to score the channels, drawn class by class. Fewer are used where there are fewer. <see cref="ImportanceKind.Magnitude"/>
    /// and <see cref="ImportanceKind.Random"/> use none.</summary>
    /// <value>The default is 2000, as published.</value>
    public int ProxyImages { get; init; } = 2000;

    /// <summary>With <see cref="ImportanceKind.Auto"/> and <see cref="ImportanceKind.Fisher"/>: labels drawn per image from the model's own
    /// prediction; each costs one backward pass.</summary>
    /// <value>The default is 1.</value>
    public int FisherDraws { get; init; } = 1;

    /// <summary>With <see cref="ImportanceKind.Auto"/>: how many of the proxy images exact scores are computed on.</summary>
    /// <value>The default is 64.</value>
    public int ExactImages { get; init; } = 64;

    /// <summary>With <see cref="ImportanceKind.Auto"/>: how many exact evaluations, channels times images, may be spent, nearest each cut
    /// first. 0 leaves the estimate as it is.</summary>
    /// <value>The default is 20,000.</value>
    public int ExactImagePasses { get; init; } = 20_000;

    /// <summary>Images scored together.</summary>
    /// <value>The default is 32.</value>
    public int BatchSize { get; init; } = 32;

    /// <summary>A JSON file of scores. Where it holds scores of the same importance, model, images and settings they are reused, or continued if
    /// they are not complete; otherwise it is made, and saved now and then while scoring. A file of another importance, model, images or seed
    /// is refused, but one of <see cref="ImportanceKind.Fisher"/> serves <see cref="ImportanceKind.Auto"/>, which adds to it, and the other way
    /// round. <see langword="null"/> saves nothing.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public string? ScoresPath { get; init; }

    /// <summary>How accuracy is won back right after the cut, on images drawn like the proxy images. Its own progress and token are
    /// heeded beside those of the whole.</summary>
    /// <value>The default is least squares on 256 images.</value>
    public RecoveryOptions Recovery { get; init; } = new();

    /// <summary>Told before each lengthy part of the scoring how much work it is and how long it will take.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public IProgress<ScoringEstimate>? Estimate { get; init; }

    /// <inheritdoc/>
    public override void Validate() => Check.All(
    [
        Check.InRange(EmbedKeepRatio, 0, 1, lowerExclusive: true),
        Check.InRange(AttentionKeepRatio, 0, 1, lowerExclusive: true),
        Check.InRange(MlpKeepRatio, 0, 1, lowerExclusive: true),
        Check.AtLeast(Heads, 1),
        Check.That(Target is null || ModelPresets.All.ContainsKey(Target), $"Target is '{Target}'; expected one of {string.Join(", ", ModelPresets.All.Keys)}."),
        Check.That(Target is null || (EmbedKeepRatio == 1 && AreUsual && Heads is null && Budget is null && WidthMultiple == 1),
            "Target sets all widths and heads; leave the ratios, Heads, Budget and WidthMultiple as they are."),
        Check.That(Budget is null || AreUsual, "Budget takes the place of AttentionKeepRatio and MlpKeepRatio; leave them as they are."),
        Budget is null ? null : Check.InRange(Budget.KeepRatio, 0, 1, lowerExclusive: true),
        Budget is null ? null : Check.Defined(Budget.Measure),
        Check.AtLeast(WidthMultiple, 1),
        Check.Defined(Importance),
        Check.AtLeast(ProxyImages, 1),
        Check.AtLeast(FisherDraws, 1),
        Check.AtLeast(ExactImages, 1),
        Check.AtLeast(ExactImagePasses, 0),
        Check.AtLeast(BatchSize, 1),
        Check.That(ScoresPath is null || ScoresPath.Trim().Length > 0, "ScoresPath is empty; expected a file name."),
        .. Recovery?.Faults($"{nameof(Recovery)}.") ?? ["Recovery is null; RecoveryMethod.None leaves it out."],
        .. Idle(),
    ]);

    private bool AreUsual => AttentionKeepRatio == Usual.AttentionKeepRatio && MlpKeepRatio == Usual.MlpKeepRatio;

    /// <summary>What was set though the importance makes nothing of it.</summary>
    private IEnumerable<string?> Idle()
    {
        bool images = Importance.LooksAtImages(), auto = Importance == ImportanceKind.Auto;
        yield return Check.HasEffect(images, ProxyImages, Usual.ProxyImages, "where images score the channels");
        yield return Check.HasEffect(auto || Importance == ImportanceKind.Fisher, FisherDraws, Usual.FisherDraws, "with Auto and Fisher");
        yield return Check.HasEffect(auto, ExactImagePasses, Usual.ExactImagePasses, "with Auto");
        yield return Check.HasEffect(auto && ExactImagePasses != 0, ExactImages, Usual.ExactImages, auto ? "with ExactImagePasses above 0" : "with Auto");
        yield return Check.HasEffect(images || Recovery?.Method != RecoveryMethod.None, BatchSize, Usual.BatchSize, "where images are looked at");
    }
}
