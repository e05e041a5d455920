using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Which weights are ranked together by magnitude.</summary>
public enum MagnitudeScope
{
    /// <summary>Those of one tensor: every tensor loses the same share.</summary>
    Uniform,

    /// <summary>All of the model: one threshold, and a tensor may lose everything.</summary>
    Global,
}

/// <summary>Magnitude pruning, the usual baseline: the smallest weights go.</summary>
/// <remarks>Not to be confused with the importance of the same name, which ranks whole channels
/// (<see cref="Unified.ImportanceKind.Magnitude"/>).</remarks>
public sealed record MagnitudeOptions : WeightPruningOptions
{
    /// <summary>Which weights are ranked together.</summary>
    /// <value>The default is <see cref="MagnitudeScope.Uniform"/>.</value>
    public MagnitudeScope Scope { get; init; }

    internal override string Method => "magnitude";

    internal override string ScopeName => Scope == MagnitudeScope.Uniform ? "uniform" : "global";

    internal override bool IsRelative => false;

    internal override object PoolOf(PrunableWeight weight) => Scope == MagnitudeScope.Uniform ? weight.Name : "model";

    private protected override IEnumerable<string?> Faults() => base.Faults().Append(Check.Defined(Scope));
}
