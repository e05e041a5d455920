namespace MLNet.ViTPruning.Training;

/// <summary>Where a training stands after a step of the optimizer.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">All epochs.</param>
/// <param name="Step">Steps done in all, skipped ones included.</param>
/// <param name="Steps">Steps of the whole training.</param>
/// <param name="Loss">The step's loss, mean over its images.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="ImagesPerSecond">Pace of this process's part of the training.</param>
/// <param name="ValidationAccuracy">Percent of the validation images at the end of the last epoch, or null.</param>
/// <param name="Remaining">Estimated time left.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long Step, long Steps, double Loss, double LearningRate, double ImagesPerSecond, double? ValidationAccuracy, TimeSpan Remaining)
{
    /// <summary>Before the first step of a distillation whose teacher sees clean images: how many of them it has seen; otherwise null.</summary>
    public int? TeacherImages { get; init; }
}
