using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Components;

/// <summary>What a pruning found and did. It is not saved with the model; the plan is.</summary>
/// <param name="Before">The model before, its sizes per block.</param>
/// <param name="After">The model after.</param>
public sealed record PruningReport(ModelConfiguration Before, ModelConfiguration After)
{
    /// <summary>The scores that decided, with how stable their ranking is; null where channels were not scored.</summary>
    public ChannelScores? Scores { get; init; }

    /// <summary>The errors of every half of a block before and after recovery; empty without recovery.</summary>
    public IReadOnlyList<HalfRecovery> Recovery { get; init; } = [];

    /// <summary>Images that recovery used; 0 without recovery.</summary>
    public int RecoveryImages { get; init; }

    /// <summary>The halves of blocks that went, with all candidates; null where only channels went.</summary>
    public DepthPlan? Depth { get; init; }

    /// <summary>What dead groups went, per block; empty where none were looked for.</summary>
    public IReadOnlyList<DeadGroupCounts> DeadGroups { get; init; } = [];

    /// <summary>The weights that were set to zero, tensor by tensor; null where whole channels or blocks went. No tensor became smaller: there is no
    /// speed-up.</summary>
    public WeightPlan? Weights { get; init; }
}
