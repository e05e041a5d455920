namespace MLNet.ViTPruning.Training;

/// <summary>What the end of an epoch changes in the position: its metrics are noted, the best epoch and early stopping judged, its sums cleared.</summary>
internal static class EpochEnd
{
    /// <param name="position">The position at the epoch's last batch; it then stands at the next epoch's first.</param>
    /// <param name="validation">What the validation gave, or null without one.</param>
    /// <param name="learningRate">Learning rate of the last step.</param>
    /// <param name="stopping">Early stopping, or null.</param>
    /// <returns>The epoch's metrics.</returns>
    public static TrainingMetrics Record(TrainingPosition position, ValidationOutcome? validation, double learningRate, EarlyStopping? stopping)
    {
        var p = position;
        var metrics = new TrainingMetrics(
            p.Epoch + 1, p.Step, learningRate, p.LossImages > 0 ? p.LossSum / p.LossImages : double.NaN, validation?.Loss, validation?.Accuracy,
            p.TrainSeconds > 0 ? p.EpochImages / p.TrainSeconds : 0, TrainingClock.Share(p.WaitSeconds, p.TrainSeconds), p.Skipped, p.EpochSeconds);
        if (validation is { } outcome) Judge(p, outcome, stopping?.MinDelta ?? 0);
        p.Epochs.Add(metrics);
        p.Epoch++;
        p.Batch = 0;
        (p.LossSum, p.LossImages, p.EpochImages) = (0, 0, 0);
        (p.TrainSeconds, p.WaitSeconds, p.EpochSeconds) = (0, 0, 0);
        return metrics;
    }

    private static void Judge(TrainingPosition p, ValidationOutcome outcome, double minDelta)
    {
        var best = p.Epochs.Find(e => e.Epoch == p.BestEpoch) is { } epoch ? new ValidationOutcome(epoch.ValidationLoss!.Value, epoch.ValidationAccuracy!.Value) : p.Start;
        if (best is not { } before || IsBetter(outcome, before)) p.BestEpoch = p.Epoch + 1;
        bool improved = p.StoppingAccuracy is not { } reference || outcome.Accuracy > reference + minDelta;
        if (improved) p.StoppingAccuracy = outcome.Accuracy;
        p.EpochsWithoutImprovement = improved ? 0 : p.EpochsWithoutImprovement + 1;
    }

    /// <summary>More accurate, or as accurate with a lower loss.</summary>
    private static bool IsBetter(ValidationOutcome outcome, ValidationOutcome best) =>
        outcome.Accuracy > best.Accuracy || outcome.Accuracy == best.Accuracy && outcome.Loss < best.Loss;
}
