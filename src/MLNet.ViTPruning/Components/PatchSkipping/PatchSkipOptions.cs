using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Components;

/// <summary>How the model of an earlier stage learns to skip patches.</summary>
/// <remarks>The inherited recipe (epochs, learning rate, ...) is that of the backbone, or of both together in <see cref="PatchSkipStages.Joint"/>;
/// the scorers have their own epochs and learning rate and share the rest of it. With held-out images the backbone keeps its weights where no epoch is better.</remarks>
public sealed record PatchSkipOptions : ViTTrainingOptions
{
    private const double UsualClassTokenShare = 0.5;

    /// <summary>Makes options with the defaults of fine-tuning.</summary>
    public PatchSkipOptions() => (LearningRate, MinLearningRate) = (1e-4, 1e-6);

    /// <summary>What decides which patches a layer computes; all but the learned ones are for comparison.</summary>
    /// <value>The default is <see cref="PatchSkipMethod.Learned"/>.</value>
    public PatchSkipMethod Method { get; init; }

    /// <summary>What scorers are taught: which patches matter for the model's answer, or, as published, which ones a layer changes.</summary>
    /// <value>The default, <see langword="null"/>, is <see cref="SkipLabels.Importance"/>, or <see cref="SkipLabels.ScaledCosine"/> where
    /// <see cref="ScaledCosineThreshold"/> is given.</value>
    public SkipLabels? Labels { get; init; }

    /// <summary>With <see cref="SkipLabels.ScaledCosine"/>: a patch is worth computing where (cos + 1) / 2 between what it becomes idle and computed is
    /// less; in (0, 1]. 0.95 as published.</summary>
    /// <value>The default, <see langword="null"/>, gives every layer a threshold of its own, fitted on the calibration images so that as many
    /// patches are worth computing as <see cref="MacsSaved"/> lets the layers compute, or half of them without a target.</value>
    public float? ScaledCosineThreshold { get; init; }

    /// <summary>Whether idle patches get what a layer adds to patches on the mean, which costs no multiply-add, or pass unchanged, as published.</summary>
    /// <value>The default is <see langword="true"/>; merging leaves no patch idle and has no use for it.</value>
    public bool ShiftsIdle { get; init; } = true;

    /// <summary>What the scorers read.</summary>
    /// <value>The default is <see cref="PatchSkipping.ScorerInput.TokenAndClass"/>; as published it is <see cref="PatchSkipping.ScorerInput.Token"/>.</value>
    public ScorerInput ScorerInput { get; init; } = ScorerInput.TokenAndClass;

    /// <summary>The first layer that skips, from 0.</summary>
    /// <value>The default is 4.</value>
    public int FirstLayer { get; init; } = PatchSkipConfiguration.UsualFirstLayer;

    /// <summary>Whether computed tokens see all tokens, idle ones included, or only each other.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool ContextAttention { get; init; } = true;

    /// <summary>What is trained.</summary>
    /// <value>The default is <see cref="PatchSkipStages.ScorersThenBackbone"/>.</value>
    public PatchSkipStages Stages { get; init; } = PatchSkipStages.ScorersThenBackbone;

    /// <summary>Epochs of the scorers.</summary>
    /// <value>The default is 3.</value>
    public int ScorerEpochs { get; init; } = 3;

    /// <summary>Images of a step of the scorers. An image has thousands of patches to learn from, so that few images, and many steps, are best.</summary>
    /// <value>The default is 8.</value>
    public int ScorerBatchSize { get; init; } = 8;

    /// <summary>The scorers' highest learning rate.</summary>
    /// <value>The default is 1e-3.</value>
    public double ScorerLearningRate { get; init; } = 1e-3;

    /// <summary>Share of the dense model's executed multiply-adds to save, in (0, 1): thresholds are fitted to it. <see langword="null"/> computes
    /// the patches whose score is above one half.</summary>
    /// <value>The default is 0.35.</value>
    public double? MacsSaved { get; init; } = 0.35;

    /// <summary>Share of the dense model's time to save, in (0, 1), with <see cref="MacsSaved"/> <see langword="null"/>: what it takes is measured on
    /// this machine before anything is trained.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public double? TimeSaved { get; init; }

    /// <summary>Images of the batch that is timed for <see cref="TimeSaved"/>.</summary>
    /// <value>The default is 32.</value>
    public int TimedBatchSize { get; init; } = 32;

    /// <summary>Training images, at most, that thresholds are fitted on: of the held-out ones where there are any.</summary>
    /// <value>The default is 512.</value>
    public int CalibrationImages { get; init; } = 512;

    /// <summary>Weight of the teacher's part of the backbone's loss: the model as it came in, dense.</summary>
    /// <value>The default, <see langword="null"/>, is 0 where the residual stream is learnt (<see cref="HiddenWeight"/>), else 6.4.</value>
    public double? Alpha { get; init; }

    /// <summary>Weight of the labels' cross-entropy in the backbone's loss.</summary>
    /// <value>The default, <see langword="null"/>, is 0 where the residual stream is learnt (<see cref="HiddenWeight"/>), else 1.</value>
    public double? LabelWeight { get; init; }

    /// <summary>Weight of the error of the residual stream, idle patches included, after each block in the backbone's loss, as in
    /// <see cref="DistillOptions.HiddenWeight"/>. Not with <see cref="PatchSkipStages.Joint"/>, nor where tokens are merged.</summary>
    /// <value>The default, <see langword="null"/>, is 1 where it is possible: few images suffice then, and neither answers nor labels are needed. 0 learns from those, as published.</value>
    public double? HiddenWeight { get; init; }

    /// <summary>How much of the residual stream's error is that of the class token, in [0, 1]; the rest is that of all tokens alike, idle patches included.</summary>
    /// <remarks>Where all tokens count alike, idle patches of late layers hold most of the error, and hardly anything reads them: a longer training then makes the error smaller
    /// and the model worse (38 instead of 83 % of CIFAR-100 after four times the images).</remarks>
    /// <value>The default, <see langword="null"/>, is 0.5 where the residual stream is learnt by a model that pools its class token, else 0.</value>
    public double? ClassTokenShare { get; init; }

    /// <summary>Softens student and teacher; above 0.</summary>
    /// <value>The default is 1.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>Output column: whether each layer skipped each patch, vector of Boolean, layers x patches. <see langword="null"/> writes none.</summary>
    public string? SkipMapColumnName { get; init; }

    /// <summary>Output column: patches skipped, summed over the layers, Int32. <see langword="null"/> writes none.</summary>
    public string? SkipsColumnName { get; init; }

    /// <summary>Output column: how often a patch was computed again after idling, Int32. <see langword="null"/> writes none.</summary>
    public string? ReEntriesColumnName { get; init; }

    /// <summary>Output column: multiply-adds executed for the image, Int64. <see langword="null"/> writes none.</summary>
    public string? ExecutedMacsColumnName { get; init; }

    internal SkipLabels TaughtLabels => Labels ?? (ScaledCosineThreshold is null ? SkipLabels.Importance : SkipLabels.ScaledCosine);

    internal bool HasScorers => Method is PatchSkipMethod.Learned or PatchSkipMethod.LearnedTopK;

    /// <summary>Weights of the backbone's loss: of the residual stream, the teacher's answers and the labels.</summary>
    internal (double Hidden, double Teacher, double Labels) LossWeights
    {
        get
        {
            double hidden = HiddenWeight ?? (Stages == PatchSkipStages.Joint || Method == PatchSkipMethod.Merging ? 0 : 1);
            return (hidden, Alpha ?? (hidden > 0 ? 0 : 6.4), LabelWeight ?? (hidden > 0 ? 0 : 1));
        }
    }

    /// <summary>How much the class token counts in the loss of a model.</summary>
    internal double ClassTokenShareOf(ModelConfiguration model) =>
        ClassTokenShare ?? (LossWeights.Hidden > 0 && model.Pooling == Pooling.ClassToken ? UsualClassTokenShare : 0);

    /// <summary>The recipe of the scorers.</summary>
    internal TrainingOptions ForScorers => this with
    {
        Epochs = ScorerEpochs,
        BatchSize = ScorerBatchSize,
        AccumulationSteps = 1,
        LearningRate = ScorerLearningRate,
        WarmUpLearningRate = Math.Min(WarmUpLearningRate, ScorerLearningRate),
        MinLearningRate = Math.Min(MinLearningRate, ScorerLearningRate),
        WarmUpEpochs = 0,
        DropPath = 0,
        EarlyStopping = null,
    };

    private protected override IEnumerable<string?> Faults()
    {
        bool merges = Method == PatchSkipMethod.Merging;
        string?[] names = [SkipMapColumnName, SkipsColumnName, ReEntriesColumnName, ExecutedMacsColumnName];
        return
        [
            .. base.Faults(),
            Check.Defined(Method),
            ScaledCosineThreshold is { } cosine ? Check.InRange(cosine, 0, 1, lowerExclusive: true, name: nameof(ScaledCosineThreshold)) : null,
            Check.Defined(TaughtLabels, nameof(Labels)),
            Check.That(TaughtLabels == SkipLabels.ScaledCosine || ScaledCosineThreshold is null, "ScaledCosineThreshold has an effect with Labels = ScaledCosine only: leave it null."),
            Check.Defined(ScorerInput),
            Check.AtLeast(FirstLayer, 0),
            Check.That(!merges || ContextAttention, "ContextAttention has no effect on Merging; leave it as it is."),
            Check.Defined(Stages),
            Check.That(HasScorers || Stages == PatchSkipStages.ScorersThenBackbone, $"Stages is {Stages}; {Method} has no scorers: leave it at ScorersThenBackbone."),
            Check.That(HasScorers || (Labels is null && ScaledCosineThreshold is null), $"Labels or ScaledCosineThreshold is set; {Method} has no scorers to teach: leave both null."),
            Check.That(HasScorers || ScorerInput == ScorerInput.TokenAndClass, $"ScorerInput is {ScorerInput}; {Method} has no scorers: leave it at TokenAndClass."),
            Check.AtLeast(ScorerEpochs, 1),
            Check.AtLeast(ScorerBatchSize, 1),
            Check.InRange(ScorerLearningRate, 0, 1e3, lowerExclusive: true),
            Check.That(EmaDecay is null, "EmaDecay is set; no moving average is kept while patches are skipped: leave it null."),
            MacsSaved is { } saved ? Check.That(saved is > 0 and < 1, FormattableString.Invariant($"MacsSaved is {saved}; expected a value in (0, 1), or null to keep scores above one half.")) : null,
            TimeSaved is { } time ? Check.That(time is > 0 and < 1, FormattableString.Invariant($"TimeSaved is {time}; expected a value in (0, 1), or null.")) : null,
            Check.That(MacsSaved is null || TimeSaved is null, FormattableString.Invariant($"MacsSaved is {MacsSaved} and TimeSaved is {TimeSaved}; set one of them, the other null.")),
            Check.AtLeast(TimedBatchSize, 1),
            Check.That((MacsSaved ?? TimeSaved) is not null || (Method == PatchSkipMethod.Learned && Stages != PatchSkipStages.Joint), $"MacsSaved and TimeSaved are null; {Method} with {Stages} needs a target."),
            Check.AtLeast(CalibrationImages, 1),
            Check.InRange(LossWeights.Teacher, 0, double.MaxValue, name: nameof(Alpha)),
            Check.InRange(LossWeights.Labels, 0, double.MaxValue, name: nameof(LabelWeight)),
            Check.InRange(LossWeights.Hidden, 0, double.MaxValue, name: nameof(HiddenWeight)),
            Check.That(LossWeights.Hidden == 0 || (Stages != PatchSkipStages.Joint && !merges), $"HiddenWeight is {HiddenWeight}; {(merges ? "Merging" : "Joint")} has no use for it: leave it null."),
            ClassTokenShare is { } share ? Check.InRange(share, 0, 1, name: nameof(ClassTokenShare)) : null,
            Check.That(ClassTokenShare is null or 0 || LossWeights.Hidden > 0, FormattableString.Invariant($"ClassTokenShare is {ClassTokenShare} and HiddenWeight 0; it has an effect on the residual stream's error only: leave it null.")),
            Check.InRange(Temperature, 0, double.MaxValue, lowerExclusive: true),
            Check.That(names.All(name => name is null || name.Trim().Length > 0), "A column name is empty; expected a name, or null for no such column."),
            Check.That(names.OfType<string>().Distinct().Count() == names.OfType<string>().Count(), "Two further columns have one name; they must differ."),
            Check.That(!merges || (SkipMapColumnName ?? SkipsColumnName ?? ReEntriesColumnName) is null, "Merging skips no patch; SkipMapColumnName, SkipsColumnName and ReEntriesColumnName have no effect: leave them null."),
        ];
    }
}
