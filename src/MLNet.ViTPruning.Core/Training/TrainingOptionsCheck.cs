using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training;

/// <summary>What makes training options unusable.</summary>
internal static class TrainingOptionsCheck
{
    public static IEnumerable<string?> Faults(TrainingOptions options)
    {
        yield return Check.AtLeast(options.Epochs, 1);
    }
}
