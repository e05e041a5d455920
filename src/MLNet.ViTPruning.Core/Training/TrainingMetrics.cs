using System.Globalization;

namespace MLNet.ViTPruning.Training;

/// <summary>What an epoch of training gave.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Steps of the optimizer done in all.</param>
/// <param name="LearningRate">Learning rate of its last step.</param>
/// <param name="TrainLoss">Mean loss over its images, as they were augmented.</param>
/// <param name="ValidationLoss">Cross-entropy on the validation images, or null without them.</param>
/// <param name="ValidationAccuracy">Percent of the validation images whose label got the highest score, or null without them.</param>
/// <param name="ImagesPerSecond">Training images a second, validation left out.</param>
/// <param name="InputWaitShare">Share of the training time that was spent waiting for images, in [0, 1].</param>
/// <param name="SkippedSteps">Steps skipped so far because a loss or gradient was no finite number.</param>
/// <param name="Seconds">Time of the epoch, validation included.</param>
public sealed record TrainingMetrics(
    int Epoch, long Step, double LearningRate, double TrainLoss, double? ValidationLoss, double? ValidationAccuracy,
    double ImagesPerSecond, double InputWaitShare, int SkippedSteps, double Seconds)
{
    /// <summary>One readable line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"epoch {Epoch}: loss {TrainLoss:0.0000}{(ValidationAccuracy is { } accuracy ? $", validation accuracy {accuracy:0.00} %, loss {ValidationLoss:0.0000}" : "")}, learning rate {LearningRate:0.0e+0}, {ImagesPerSecond:0.0} images/s");
}
