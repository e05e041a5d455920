using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Training;

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs were done.</summary>
    Completed,

    /// <summary><see cref="EarlyStopping"/> ended it.</summary>
    EarlyStopped,

    /// <summary>The cancellation token ended it.</summary>
    Cancelled,
}

/// <summary>The report of a training.</summary>
public sealed record TrainingResult
{
    /// <summary>Why it ended.</summary>
    public required TrainingEnd End { get; init; }

    /// <summary>The epochs, those before a resumption included.</summary>
    public required IReadOnlyList<TrainingMetrics> Epochs { get; init; }

    /// <summary>The epoch, from 1, whose weights the model has now: the best on the validation images, without them the last;
    /// 0 for the weights that came in, which the backbone of a model that skips patches keeps where no epoch is better.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Percent of the validation images that were right before the first step; <see langword="null"/> where the weights that came in do not count.</summary>
    public double? StartAccuracy { get; init; }

    /// <summary>Steps of the optimizer, those before a resumption included.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps skipped because a loss or gradient was no finite number.</summary>
    public required int SkippedSteps { get; init; }

    /// <summary>Number format that matrix products really had.</summary>
    public required ComputePrecision ComputedIn { get; init; }

    /// <summary>Time of this process's part.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Processor time of this process's part, all threads.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>The most memory that the process has had, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Share of the training time that was spent waiting for images, in [0, 1].</summary>
    public required double InputWaitShare { get; init; }

    /// <summary>How many images it learns from in an epoch.</summary>
    public int Images { get; init; }

    /// <summary>How many images choose the best epoch; 0 where none do.</summary>
    public int ValidationImages { get; init; }

    /// <summary>The step it was resumed from; 0 where it was not.</summary>
    public long ResumedFromStep { get; init; }

    /// <summary>What should be known, such as a damaged checkpoint that was passed over.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
