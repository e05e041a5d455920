using Microsoft.ML;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Components;

/// <summary>What the estimators that train a Vision Transformer have in common: the recipe, the validation images, the run's folder and the device.</summary>
public abstract record ViTTrainingOptions : TrainingOptions
{
    /// <summary>Images that choose the best epoch, with the same image and label columns as the training data.</summary>
    /// <value>The default is <see langword="null"/>: <see cref="ValidationSetFraction"/> of the training data.</value>
    public IDataView? ValidationSet { get; init; }

    /// <summary>Share of the training data that is held out where <see cref="ValidationSet"/> is not given, in (0, 1): the same share of each
    /// class, drawn by the seed. <see langword="null"/> holds nothing out; then the last epoch's weights are the result.</summary>
    /// <value>The default is 0.1.</value>
    public double? ValidationSetFraction { get; init; } = 0.1;

    /// <summary>The run's folder: checkpoints, the best weights, metrics and curves. <see langword="null"/> writes none.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public string? WorkspacePath { get; init; }

    /// <summary>Goes on from the newest good checkpoint in <see cref="WorkspacePath"/>, or starts where there is none. Without it a folder that
    /// holds a run is refused.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Resume { get; init; }

    /// <summary>Bytes of images (encoded, or decoded where the column holds decoded ones) that are kept in memory; what is beyond goes to one
    /// temporary file in <c>MLContext.TempFilePath</c>, deleted at the end. Paths are kept as paths.</summary>
    /// <value>The default is 268435456 (256 MiB).</value>
    public long ImageMemoryBytes { get; init; } = 1L << 28;

    /// <summary>The GPU; <see langword="null"/> takes <c>MLContext.GpuDeviceId</c>, and without that the CPU.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>Whether to train on the CPU where the GPU cannot be used; <see langword="null"/> takes <c>MLContext.FallbackToCpu</c>.</summary>
    public bool? FallbackToCpu { get; init; }

    private protected override IEnumerable<string?> Faults() =>
    [
        .. base.Faults(),
        Check.That(ValidationSetFraction is null or (> 0 and < 1),
            FormattableString.Invariant($"ValidationSetFraction is {ValidationSetFraction}; expected a value in (0, 1), or null to hold nothing out.")),
        Check.That(EarlyStopping is null || ValidationSet is not null || ValidationSetFraction is not null,
            "EarlyStopping is set without validation images; give ValidationSet or ValidationSetFraction, or leave EarlyStopping null."),
        Check.That(WorkspacePath is null || WorkspacePath.Trim().Length > 0, "WorkspacePath is empty; expected a folder, or null to write none."),
        Check.That(!Resume || WorkspacePath is not null, "Resume is set without WorkspacePath; name the folder of the run."),
        Check.AtLeast(ImageMemoryBytes, 0),
        Check.AtLeast(GpuDeviceId, 0),
    ];
}
