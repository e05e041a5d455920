using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.PatchSkipping.Training;

/// <summary>How a model learns to skip patches.</summary>
public sealed record PatchSkipTrainingJob
{
    /// <summary>The images to learn from.</summary>
    public required ITrainingImages Images { get; init; }

    /// <summary>Images that choose the backbone's best epoch; <see langword="null"/> keeps the last one's weights.</summary>
    public ITrainingImages? Validation { get; init; }

    /// <summary>Images that thresholds are fitted on; needed with a target, with <see cref="FitsLabels"/> and with <see cref="PatchSkipConfiguration.ShiftsIdle"/>.</summary>
    public ITrainingImages? Calibration { get; init; }

    /// <summary>What is trained.</summary>
    /// <value>The default is <see cref="PatchSkipStages.ScorersThenBackbone"/>.</value>
    public PatchSkipStages Stages { get; init; } = PatchSkipStages.ScorersThenBackbone;

    /// <summary>Whether the thresholds of the labels are fitted before the scorers learn, so that as many patches are worth computing as the target lets the
    /// layers compute, or half of them without a target; otherwise they are kept. They are every layer's
    /// <see cref="PatchSkipLayer.ScaledCosineThreshold"/>, or the <see cref="PatchSkipConfiguration.ImportanceThreshold"/>.</summary>
    /// <remarks>One threshold for all models and layers, as published, calls nearly every patch of some models worth computing: 96 % of a
    /// ViT-Tiny's at 0.95. What remains is then too rare to be learnt.</remarks>
    public bool FitsLabels { get; init; }

    /// <summary>The recipe of the scorers.</summary>
    public required TrainingOptions ScorerOptions { get; init; }

    /// <summary>The recipe of the backbone, or of both together in <see cref="PatchSkipStages.Joint"/>; unused with
    /// <see cref="PatchSkipStages.Scorers"/>.</summary>
    public TrainingOptions? BackboneOptions { get; init; }

    /// <summary>Share of the executed multiply-adds of the dense model to save, in (0, 1); thresholds, or counts, are fitted to it after every stage.
    /// <see langword="null"/> keeps the thresholds.</summary>
    public double? MacsSaved { get; init; }

    /// <summary>Share of the dense model's time to save in place of <see cref="MacsSaved"/>, in (0, 1): measured on this machine before anything is
    /// trained (<see cref="SkipTimeBudget"/>). A run that goes on keeps what its first start measured.</summary>
    public double? TimeSaved { get; init; }

    /// <summary>Images of the batch that is timed for <see cref="TimeSaved"/>.</summary>
    /// <value>The default is 32.</value>
    public int TimedBatchSize { get; init; } = 32;

    internal bool HasTarget => MacsSaved is not null || TimeSaved is not null;

    /// <summary>The teacher of the backbone, on the model's device; the caller keeps and disposes it.</summary>
    /// <value>The default, <see langword="null"/>, is the model's own backbone as it comes in.</value>
    public VisionModel? Teacher { get; init; }

    /// <summary>Weight of the teacher's part of the backbone's loss.</summary>
    /// <value>The default is 6.4.</value>
    public double Alpha { get; init; } = 6.4;

    /// <summary>Weight of the labels' cross-entropy in the backbone's loss.</summary>
    /// <value>The default is 1.</value>
    public double LabelWeight { get; init; } = 1;

    /// <summary>Weight of the hidden states' part of the backbone's loss (<see cref="DistillationObjective.HiddenWeight"/>): how near the residual stream,
    /// idle patches included, stays to the dense model's after each block. Not with <see cref="PatchSkipStages.Joint"/>, nor where tokens are merged.</summary>
    /// <value>The default is 0.</value>
    public double HiddenWeight { get; init; }

    /// <summary>How much of the hidden states' part is the class token's error alone (<see cref="DistillationObjective.ClassTokenShare"/>), in [0, 1].</summary>
    /// <value>The default is 0: patches, idle or not, count as much as the class token.</value>
    public double ClassTokenShare { get; init; }

    /// <summary>What teacher and student are softened by.</summary>
    /// <value>The default is 1.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>Weight of the squared distance between mean kept share and its target in <see cref="PatchSkipStages.Joint"/>.</summary>
    /// <value>The default is 2.</value>
    public double RatioWeight { get; init; } = 2;

    /// <summary>How the model was pruned, as JSON, to stand beside its weights in the folder; <see langword="null"/> where it was not.</summary>
    public string? Plan { get; init; }

    /// <summary>Folder of checkpoints, one inside it for each stage; <see langword="null"/> writes none.</summary>
    public string? RunFolder { get; init; }

    /// <summary>Goes on from the newest good checkpoint of every stage, or starts where there is none.</summary>
    public bool Resume { get; init; }

    /// <summary>Throws where the job does not fit a model.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    internal void Validate(PatchSkipModel model)
    {
        bool trainsBackbone = Stages != PatchSkipStages.Scorers;
        Check.All(
            Check.Defined(Stages),
            Check.That(model.Configuration.HasScorers || Stages == PatchSkipStages.ScorersThenBackbone,
                $"Stages is {Stages}; {model.Configuration.Method} has no scorers: use ScorersThenBackbone, of which the second part is done."),
            Check.That(model.Configuration.Layers.Count > 0, "No layer skips; there is nothing to train: give a lower first layer."),
            Check.That(!trainsBackbone || BackboneOptions is not null, $"BackboneOptions is missing; {Stages} needs it."),
            MacsSaved is { } saved ? Check.InRange(saved, 0, 1, lowerExclusive: true, nameof(MacsSaved)) : null,
            Check.That(!HasTarget || model.Configuration.Method != PatchSkipMethod.Learned || Calibration is { Count: > 0 },
                "There is a target but there are no Calibration images; give some, or leave MacsSaved and TimeSaved null."),
            TimeSaved is { } time ? Check.InRange(time, 0, 1, lowerExclusive: true, nameof(TimeSaved)) : null,
            Check.That(MacsSaved is null || TimeSaved is null, FormattableString.Invariant($"MacsSaved is {MacsSaved} and TimeSaved is {TimeSaved}; set one of them, the other null.")),
            Check.AtLeast(TimedBatchSize, 1),
            Check.That(!FitsLabels || Calibration is { Count: > 0 }, "FitsLabels is set but there are no Calibration images; give some, or leave it false."),
            Check.That(!model.Configuration.ShiftsIdle || Calibration is { Count: > 0 }, "ShiftsIdle is set but there are no Calibration images to fit the shifts on; give some."),
            Check.That(!FitsLabels || model.Configuration.HasScorers, $"FitsLabels is set; {model.Configuration.Method} has no scorers to teach: leave it false."),
            Check.That(Stages != PatchSkipStages.Joint || HasTarget, "MacsSaved and TimeSaved are missing; Joint needs a target."),
            Check.InRange(Alpha, 0, double.MaxValue),
            Check.InRange(LabelWeight, 0, double.MaxValue),
            Check.InRange(HiddenWeight, 0, double.MaxValue),
            Check.That(HiddenWeight == 0 || (Stages != PatchSkipStages.Joint && model.Configuration.Method != PatchSkipMethod.Merging),
                $"HiddenWeight is {HiddenWeight}; {(Stages == PatchSkipStages.Joint ? "Joint" : "Merging")} has no use for it: leave it at 0."),
            trainsBackbone ? DistillationObjective.ClassTokenShareFault(model.Backbone.Configuration, HiddenWeight, ClassTokenShare) : null,
            Check.InRange(Temperature, 0, double.MaxValue, lowerExclusive: true),
            Check.InRange(RatioWeight, 0, double.MaxValue),
            Check.That(RunFolder is not null || !Resume, "Resume is set but there is no RunFolder to resume from."));
        ScorerOptions.Validate();
        if (trainsBackbone) BackboneOptions!.Validate();
    }
}
