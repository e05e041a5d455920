using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training;

/// <summary>What makes training options unusable.</summary>
internal static class TrainingOptionsCheck
{
    private const double MaxRate = 1e3;

    public static IEnumerable<string?> Faults(TrainingOptions o)
    {
        yield return Check.AtLeast(o.Epochs, 1, nameof(o.Epochs));
        yield return Check.AtLeast(o.BatchSize, 1, nameof(o.BatchSize));
        yield return Check.AtLeast(o.AccumulationSteps, 1, nameof(o.AccumulationSteps));
        yield return Check.InRange(o.LearningRate, 0, MaxRate, lowerExclusive: true, nameof(o.LearningRate));
        yield return NotAbovePeak(o.WarmUpLearningRate, nameof(o.WarmUpLearningRate), o);
        yield return NotAbovePeak(o.MinLearningRate, nameof(o.MinLearningRate), o);
        yield return Check.InRange(o.WarmUpEpochs, 0, Math.Max(o.Epochs, 1), name: nameof(o.WarmUpEpochs));
        yield return Check.InRange(o.WeightDecay, 0, MaxRate, name: nameof(o.WeightDecay));
        if (o.GradientClip is { } clip) yield return Check.InRange(clip, 0, double.MaxValue, lowerExclusive: true, nameof(o.GradientClip));
        if (o.EmaDecay is { } decay) yield return Check.That(decay is > 0 and < 1, $"{nameof(o.EmaDecay)} is {decay}; expected a value in (0, 1), or null for no moving average.");
        yield return Check.Defined(o.EmaUpdate, nameof(o.EmaUpdate));
        yield return BelowOne(o.LabelSmoothing, nameof(o.LabelSmoothing));
        yield return BelowOne(o.DropPath, nameof(o.DropPath));
        yield return Check.Defined(o.Precision, nameof(o.Precision));
        yield return Check.That(o.Augmentation is not null, $"{nameof(o.Augmentation)} is null; expected options, AugmentationOptions.None for no augmentation.");
        foreach (var fault in o.Augmentation?.Faults() ?? []) yield return fault;
        yield return Check.AtLeast(o.LoaderThreads, 1, nameof(o.LoaderThreads));
        yield return Check.AtLeast(o.EarlyStopping?.Patience, 1, "EarlyStopping.Patience");
        if (o.EarlyStopping is { } stopping) yield return Check.InRange(stopping.MinDelta, 0, 100, name: "EarlyStopping.MinDelta");
        yield return Check.AtLeast(o.CheckpointSteps, 1, nameof(o.CheckpointSteps));
        yield return Check.AtLeast(o.MaxNonFiniteSteps, 0, nameof(o.MaxNonFiniteSteps));
    }

    private static string? NotAbovePeak(double rate, string name, TrainingOptions o) => rate >= 0 && rate <= o.LearningRate ? null
        : FormattableString.Invariant($"{name} is {rate}; expected a value in [0, LearningRate = {o.LearningRate}].");

    private static string? BelowOne(double value, string name) =>
        value is >= 0 and < 1 ? null : FormattableString.Invariant($"{name} is {value}; expected a value in [0, 1).");
}
