using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning;

/// <summary>What a pruning decided, so that it can be kept, compared and carried out again: a <see cref="PruningPlan"/> of the channels that
/// stay, or a <see cref="Depth.DepthPlan"/> of the halves of blocks that go.</summary>
public interface IPruningPlan
{
    /// <summary>The method's name; it tells of which kind a plan in JSON is: <c>depth</c> is a <see cref="Depth.DepthPlan"/>.</summary>
    string Method { get; }

    /// <summary>How what may go was scored.</summary>
    string Importance { get; }

    /// <summary>Hash of the weights that the plan was made for, as <see cref="Models.WeightsHash.Of"/> gives it: the plan is refused for others.
    /// <see langword="null"/> for a plan that fits any weights of its shape.</summary>
    string? WeightsHash { get; }

    /// <summary>Writes the plan as one line of JSON.</summary>
    /// <returns>The JSON; <see cref="PlanHistory.FromJson"/> reads it.</returns>
    string ToJson();
}

/// <summary>What plans of every kind are held to.</summary>
internal static class PruningPlanChecks
{
    /// <exception cref="ArgumentException">The plan was made for other weights than the model's.</exception>
    public static void ThrowIfForOtherWeights(this IPruningPlan plan, VisionModel model)
    {
        if (plan.WeightsHash is not null && plan.WeightsHash != WeightsHash.Of(model))
            throw new ArgumentException("The pruning plan was made for other weights: give the model that was pruned, or prune this one anew.", nameof(plan));
    }
}
