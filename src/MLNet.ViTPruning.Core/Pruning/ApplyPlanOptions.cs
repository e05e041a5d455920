using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning;

/// <summary>Prunes by a plan that was made before; needs no images.</summary>
public sealed record ApplyPlanOptions : PruningOptions
{
    /// <summary>The plan. It must fit the model and, where it carries a hash, be of the model's weights.</summary>
    public required PruningPlan Plan { get; init; }

    /// <inheritdoc/>
    public override void Validate() => Check.All(Check.That(Plan is not null, "Plan is null; expected a plan."));
}
