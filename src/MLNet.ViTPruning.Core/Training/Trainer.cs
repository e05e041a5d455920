using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Training;

/// <summary>Trains a model in place.</summary>
public static class Trainer
{
    /// <summary>Runs a training to its end.</summary>
    /// <param name="model">The model; its weights change. It computes on the device it is on, and is in evaluation mode afterwards.</param>
    /// <param name="job">Images, recipe and objective.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">Options are out of their range; all faults in one message.</exception>
    /// <exception cref="InvalidOperationException">The run's folder holds a run and resuming was not asked for, or holds one of another job.</exception>
    /// <exception cref="TrainingDivergedException">Too many losses were no finite number.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the last good one is intact.</exception>
    public static TrainingResult Run(VisionModel model, TrainingJob job) => throw new NotImplementedException();
}
