using MLNet.ViTPruning.Pruning.Unified;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Pruning of single weights: they are set to zero and held there, and no tensor becomes smaller. There is no speed-up.</summary>
/// <remarks>Weights of attention and MLP matrices are ranked by a score and the lowest go; no images are looked at. See
/// <see cref="DimapOptions"/> and <see cref="MagnitudeOptions"/>.</remarks>
public abstract record WeightPruningOptions : PruningOptions
{
    private protected const double UsualRatio = 0.35;

    private protected WeightPruningOptions()
    {
    }

    /// <summary>Share of the weights of the attention and MLP matrices that go, in [0, 1).</summary>
    /// <value>The default is 0.35.</value>
    public double Ratio { get; init; } = UsualRatio;

    /// <summary>A budget for the whole model in place of <see cref="Ratio"/>: the share of all its parameters that are not zero afterwards, or of its
    /// multiply-adds with weights that are not zero (attention products count in full). The ratio is the same everywhere.</summary>
    /// <value>The default is <see langword="null"/>: the ratio says it.</value>
    public PruningBudget? Budget { get; init; }

    /// <summary>The method's name in files and reports.</summary>
    internal abstract string Method { get; }

    /// <summary>Which weights are ranked together, as reports name it.</summary>
    internal abstract string ScopeName { get; }

    /// <summary>Whether weights are ranked by relative distortion, or by magnitude.</summary>
    internal abstract bool IsRelative { get; }

    /// <inheritdoc/>
    public override void Validate() => Check.All([.. Faults()]);

    /// <summary>Weights for which this is alike are ranked together.</summary>
    internal abstract object PoolOf(PrunableWeight weight);

    /// <summary>The share of a module's weights that go.</summary>
    internal virtual double RatioOf(WeightModule module) => Ratio;

    private protected virtual IEnumerable<string?> Faults()
    {
        yield return RatioFault(Ratio, nameof(Ratio));
        yield return Check.That(Budget is null || Ratio == UsualRatio, "Budget takes the place of Ratio; leave it as it is.");
        yield return Check.That(Budget is null or { KeepRatio: > 0 and <= 1 }, FormattableString.Invariant($"Budget.KeepRatio is {Budget?.KeepRatio}; expected a value in (0, 1]."));
        yield return Budget is null ? null : Check.Defined(Budget.Measure);
    }

    private protected static string? RatioFault(double? ratio, string name) =>
        ratio is null or (>= 0 and < 1) ? null : FormattableString.Invariant($"{name} is {ratio}; expected a value in [0, 1).");
}
