namespace MLNet.ViTPruning.Training;

/// <summary>A training ended because too many steps had a loss or gradient that is no finite number.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <param name="message">Where it ended, and what to do.</param>
    public TrainingDivergedException(string message) : base(message)
    {
    }
}
