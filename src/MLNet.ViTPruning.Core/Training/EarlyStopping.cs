namespace MLNet.ViTPruning.Training;

/// <summary>When a training that no longer improves ends.</summary>
/// <param name="Patience">Epochs without an improvement after which it ends, at least 1.</param>
/// <param name="MinDelta">Percentage points of validation accuracy that count as an improvement, at least 0.</param>
public sealed record EarlyStopping(int Patience = 5, double MinDelta = 0);
