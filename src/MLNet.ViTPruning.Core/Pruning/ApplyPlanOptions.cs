using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning;

/// <summary>Prunes by a plan that was made before. With the same data, seed, batch size and recovery it gives the same weights again; without
/// recovery it needs no images.</summary>
public sealed record ApplyPlanOptions : PruningOptions
{
    private const int UsualBatchSize = 32;

    /// <summary>The plan, of channels or of depth. It must fit the model and, where it carries a hash, be of the model's weights.</summary>
    public required IPruningPlan Plan { get; init; }

    /// <summary>How accuracy is won back right after the cut, on images drawn class by class. Its own progress and token are heeded beside those of
    /// the whole.</summary>
    /// <value>The default is least squares on 256 images.</value>
    public RecoveryOptions Recovery { get; init; } = new();

    /// <summary>Images that pass through the models together in recovery.</summary>
    /// <value>The default is 32.</value>
    public int BatchSize { get; init; } = UsualBatchSize;

    /// <inheritdoc/>
    public override void Validate() => Check.All(
    [
        Check.That(Plan is PruningPlan or DepthPlan, $"Plan is {Plan?.GetType().Name ?? "null"}; expected a {nameof(PruningPlan)} or a {nameof(DepthPlan)}."),
        Check.HasEffect(Recovery?.Method != RecoveryMethod.None, BatchSize, UsualBatchSize, "in recovery"),
        Check.AtLeast(BatchSize, 1),
        .. Recovery?.Faults($"{nameof(Recovery)}.") ?? ["Recovery is null; RecoveryMethod.None leaves it out."],
    ]);
}
