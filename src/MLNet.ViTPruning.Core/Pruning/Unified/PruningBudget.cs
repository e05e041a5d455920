namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>What a budget counts.</summary>
public enum BudgetMeasure
{
    /// <summary>Multiply-adds for one image.</summary>
    Macs,

    /// <summary>Parameters.</summary>
    Parameters,
}

/// <summary>One budget for the whole model, in place of the same share in every block.</summary>
/// <param name="Measure">What is counted.</param>
/// <param name="KeepRatio">Share of the dense model's count that the pruned model may have, in (0, 1].</param>
public sealed record PruningBudget(BudgetMeasure Measure, double KeepRatio);
