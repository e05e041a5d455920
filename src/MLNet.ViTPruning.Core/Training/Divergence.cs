using System.Globalization;

namespace MLNet.ViTPruning.Training;

/// <summary>Says where a training diverged and what to do.</summary>
internal static class Divergence
{
    /// <param name="position">Where the training stands.</param>
    /// <param name="outcome">The step that was one too many.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <param name="options">The recipe.</param>
    public static TrainingDivergedException At(TrainingPosition position, StepOutcome outcome, double learningRate, TrainingOptions options) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"The training diverged in epoch {position.Epoch + 1} at step {position.Step + 1}: loss {outcome.Loss}, gradient norm {outcome.GradientNorm}, learning rate {learningRate}; ") +
            (position.LastLoss is { } last ? string.Create(CultureInfo.InvariantCulture, $"the last finite loss was {last}. ") : "no loss was finite. ") +
            $"{position.Skipped} steps were no finite numbers; MaxNonFiniteSteps allows {options.MaxNonFiniteSteps}. " +
            "Lower LearningRate, lengthen WarmUpEpochs, " + (options.GradientClip is null ? "set GradientClip, " : "lower GradientClip, ") + "or look for broken images and weights.");
}
