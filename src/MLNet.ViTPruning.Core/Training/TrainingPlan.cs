namespace MLNet.ViTPruning.Training;

/// <summary>How many batches and steps there are. The last batch of an epoch, and the last step, may be smaller.</summary>
/// <param name="images">Training images.</param>
/// <param name="options">The recipe.</param>
internal sealed class TrainingPlan(int images, TrainingOptions options)
{
    public int BatchesPerEpoch { get; } = (images + options.BatchSize - 1) / options.BatchSize;

    public int StepsPerEpoch => (BatchesPerEpoch + options.AccumulationSteps - 1) / options.AccumulationSteps;

    public long Steps => (long)StepsPerEpoch * options.Epochs;

    /// <summary>Batches of the step that begins with a batch.</summary>
    public int BatchesOfStep(int firstBatch) => Math.Min(options.AccumulationSteps, BatchesPerEpoch - firstBatch);

    /// <summary>Images of the step that begins with a batch.</summary>
    public int ImagesOfStep(int firstBatch)
    {
        long first = (long)firstBatch * options.BatchSize;
        return (int)Math.Min((long)options.BatchSize * BatchesOfStep(firstBatch), images - first);
    }
}
