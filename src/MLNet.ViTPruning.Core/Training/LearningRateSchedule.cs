namespace MLNet.ViTPruning.Training;

/// <summary>Linear warm-up, then half a cosine.</summary>
/// <param name="options">The recipe.</param>
/// <param name="stepsPerEpoch">Steps of the optimizer in an epoch.</param>
internal sealed class LearningRateSchedule(TrainingOptions options, int stepsPerEpoch)
{
    private readonly long _steps = (long)stepsPerEpoch * options.Epochs;
    private readonly long _warmUp = (long)Math.Round(options.WarmUpEpochs * stepsPerEpoch);

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public double At(long step)
    {
        var (first, peak, last) = (options.WarmUpLearningRate, options.LearningRate, options.MinLearningRate);
        if (step < _warmUp) return first + (peak - first) * step / _warmUp;
        return last + 0.5 * (peak - last) * (1 + Math.Cos(Math.PI * (step - _warmUp) / (_steps - _warmUp)));
    }
}
