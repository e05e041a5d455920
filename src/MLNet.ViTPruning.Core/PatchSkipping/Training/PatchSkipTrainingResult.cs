using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.PatchSkipping.Training;

/// <summary>The report of a training of patch skipping.</summary>
public sealed record PatchSkipTrainingResult
{
    /// <summary>The scorers' training; <see langword="null"/> where the method has none.</summary>
    public TrainingResult? Scorers { get; init; }

    /// <summary>The backbone's training, or that of both together; <see langword="null"/> where it was not done.</summary>
    public TrainingResult? Backbone { get; init; }

    /// <summary>What the last fit to the target gave; <see langword="null"/> without a target, or after a cancellation.</summary>
    public SkipCalibration? Calibration { get; init; }

    /// <summary>What a target of time came to; <see langword="null"/> without one.</summary>
    public SkipTimeTarget? TimeTarget { get; init; }

    /// <summary>Whether it was ended early.</summary>
    public bool IsCancelled => WasCancelledEarly || (Backbone ?? Scorers)?.End == TrainingEnd.Cancelled;

    /// <summary>Whether it was ended before a training began.</summary>
    internal bool WasCancelledEarly { get; init; }
}
