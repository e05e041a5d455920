using System.Globalization;
using System.Text;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>The metrics of a training's epochs as CSV, one row each, in invariant culture.</summary>
internal static class MetricsTable
{
    private static readonly (string Name, Func<TrainingMetrics, IFormattable?> Of)[] Columns =
    [
        ("epoch", m => m.Epoch),
        ("step", m => m.Step),
        ("learningRate", m => m.LearningRate),
        ("trainLoss", m => m.TrainLoss),
        ("validationLoss", m => m.ValidationLoss),
        ("validationAccuracy", m => m.ValidationAccuracy),
        ("imagesPerSecond", m => m.ImagesPerSecond),
        ("inputWaitShare", m => m.InputWaitShare),
        ("skippedSteps", m => m.SkippedSteps),
        ("seconds", m => m.Seconds),
    ];

    /// <summary>Writes the table; a value that an epoch does not have is empty.</summary>
    /// <param name="epochs">The epochs in order.</param>
    public static string Of(IEnumerable<TrainingMetrics> epochs)
    {
        var text = new StringBuilder().AppendJoin(',', Columns.Select(c => c.Name)).Append('\n');
        foreach (var epoch in epochs)
            text.AppendJoin(',', Columns.Select(c => c.Of(epoch)?.ToString(null, CultureInfo.InvariantCulture))).Append('\n');
        return text.ToString();
    }
}
