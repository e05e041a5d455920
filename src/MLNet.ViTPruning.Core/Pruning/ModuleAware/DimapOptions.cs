using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Which weights DIMAP ranks together.</summary>
public enum DimapScope
{
    /// <summary>Those of one module, as published: one threshold for all query, key and value matrices, one for all projections, one for all
    /// MLPs.</summary>
    Module,

    /// <summary>All of the model, the publication's ablation: one threshold.</summary>
    Model,
}

/// <summary>DIMAP: the weights of a module whose loss distorts their layers least go, relative to what is left of each layer.</summary>
/// <remarks>Source: He and Zhou, "Data-independent Module-aware Pruning for Hierarchical Vision Transformers" (arXiv:2404.13648); the score is
/// <see cref="RelativeDistortion"/>. Published are ratios of 0.15, 0.35 and 0.55, followed by fine-tuning. Layers differ in how much they lose, but
/// none loses all.</remarks>
public sealed record DimapOptions : WeightPruningOptions
{
    /// <summary>Which weights are ranked together.</summary>
    /// <value>The default is <see cref="DimapScope.Module"/>.</value>
    public DimapScope Scope { get; init; }

    /// <summary>Share of the weights that make query, key and value that go, in [0, 1).</summary>
    /// <value>The default is <see langword="null"/>: <see cref="WeightPruningOptions.Ratio"/>.</value>
    public double? QkvRatio { get; init; }

    /// <summary>Share of the output projections' weights that go, in [0, 1).</summary>
    /// <value>The default is <see langword="null"/>: <see cref="WeightPruningOptions.Ratio"/>.</value>
    public double? ProjectionRatio { get; init; }

    /// <summary>Share of the MLPs' weights that go, in [0, 1).</summary>
    /// <value>The default is <see langword="null"/>: <see cref="WeightPruningOptions.Ratio"/>.</value>
    public double? MlpRatio { get; init; }

    internal override string Method => "dimap";

    internal override string ScopeName => Scope == DimapScope.Module ? "module" : "model";

    internal override bool IsRelative => true;

    internal override object PoolOf(PrunableWeight weight) => Scope == DimapScope.Module ? weight.Module : "model";

    internal override double RatioOf(WeightModule module) => module switch
    {
        WeightModule.Qkv => QkvRatio,
        WeightModule.Projection => ProjectionRatio,
        _ => MlpRatio,
    } ?? Ratio;

    private protected override IEnumerable<string?> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        yield return Check.Defined(Scope);
        yield return RatioFault(QkvRatio, nameof(QkvRatio));
        yield return RatioFault(ProjectionRatio, nameof(ProjectionRatio));
        yield return RatioFault(MlpRatio, nameof(MlpRatio));
        bool ownRatios = QkvRatio is not null || ProjectionRatio is not null || MlpRatio is not null;
        yield return Check.That(!ownRatios || Scope == DimapScope.Module, "QkvRatio, ProjectionRatio and MlpRatio are for Scope Module; with Model all weights compete: leave them null.");
        yield return Check.That(QkvRatio is null || ProjectionRatio is null || MlpRatio is null || Ratio == UsualRatio, "QkvRatio, ProjectionRatio and MlpRatio take the place of Ratio; leave it as it is.");
        yield return Check.That(!ownRatios || Budget is null, "Budget sets one ratio for all modules; leave QkvRatio, ProjectionRatio and MlpRatio null.");
    }
}
