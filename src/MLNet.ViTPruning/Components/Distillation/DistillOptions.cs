using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Components;

/// <summary>How the model of an earlier stage is trained against a teacher.</summary>
/// <remarks>Source: Yu and Wu, "A Unified Pruning Framework for Vision Transformers" (UP-ViTs): L = cross-entropy + alpha * KL(teacher || student).</remarks>
public sealed record DistillOptions : ViTTrainingOptions
{
    /// <summary>Makes options with the defaults of fine-tuning a pruned model.</summary>
    public DistillOptions() => LearningRate = 2.5e-4;    // UP-ViTs' 1e-3 is for 256 images, the default batch has 64

    /// <summary>What the student takes from its teacher.</summary>
    /// <value>The default is <see cref="DistillationKind.Soft"/>.</value>
    public DistillationKind Kind { get; init; }

    /// <summary>Weight of the teacher's part of the loss beside the labels' cross-entropy, at least 0.</summary>
    /// <value>The default is 6.4, which equals the authors' recipe.</value>
    public double Alpha { get; init; } = 6.4;

    /// <summary>Softens both distributions of <see cref="DistillationKind.Soft"/>; above 0.</summary>
    /// <value>The default is 1.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>Weight of the labels' cross-entropy, at least 0.</summary>
    /// <value>The default is 1.</value>
    public double LabelWeight { get; init; } = 1;

    /// <summary>Weight of the hidden states' part of the loss, at least 0: the squared error of the residual stream after each block, as a share of the variance
    /// that the teacher's has there, mean over the blocks. A student that was pruned from its teacher, residual width kept, learns many times
    /// faster with it, best at first with <see cref="LabelWeight"/> and <see cref="Alpha"/> 0. Above 0 the teacher needs the student's family,
    /// tokens, widths and blocks; those that depth pruning removed are left out.</summary>
    /// <value>The default, 0, takes nothing from them.</value>
    public double HiddenWeight { get; init; }

    /// <summary>Which images the teacher sees. <see cref="TeacherView.Clean"/> asks it once for each image ahead of the first step: it may then
    /// have another input size and preprocessing than the student.</summary>
    /// <value>The default is <see cref="TeacherView.Augmented"/>.</value>
    public TeacherView View { get; init; }

    /// <summary>File of what the teacher said of the clean images, read where it exists and fits, else made; several trainings may share it.
    /// Only with <see cref="TeacherView.Clean"/>.</summary>
    /// <value>The default, <see langword="null"/>, is <c>teacher.safetensors</c> in <see cref="ViTTrainingOptions.WorkspacePath"/>, where that is given.</value>
    public string? TeacherOutputsPath { get; init; }

    /// <summary>The teacher, in memory: of the student's input size and preprocessing, with its classes in the same order
    /// (<see cref="DistillationKind.Feature"/>: with features of its width); it is copied at <c>Fit</c>. Give this,
    /// <see cref="TeacherWeights"/>, or neither for the chain's first model: the one that was loaded, before any pruning.</summary>
    public VisionModel? Teacher { get; init; }

    /// <summary>The teacher's file.</summary>
    public string? TeacherWeights { get; init; }

    private protected override IEnumerable<string?> Faults() =>
    [
        .. base.Faults(),
        Check.Defined(Kind),
        Check.InRange(Alpha, 0, double.MaxValue),
        Check.InRange(Temperature, 0, double.MaxValue, lowerExclusive: true),
        Check.That(Kind == DistillationKind.Soft || Temperature == 1, FormattableString.Invariant($"Temperature is {Temperature}; it has an effect on Soft only: leave it at 1.")),
        Check.InRange(LabelWeight, 0, double.MaxValue),
        Check.InRange(HiddenWeight, 0, double.MaxValue),
        Check.That(LabelWeight + Alpha + HiddenWeight != 0, "LabelWeight, Alpha and HiddenWeight are all 0; there is nothing to learn."),
        Check.Defined(View),
        Check.That(View == TeacherView.Augmented || HiddenWeight == 0, "View is Clean and HiddenWeight is above 0; use View = Augmented, or leave HiddenWeight at 0."),
        Check.That(View == TeacherView.Augmented || Kind != DistillationKind.Feature, "View is Clean and Kind is Feature; use Soft or Hard, or View = Augmented."),
        Check.That(View == TeacherView.Clean || TeacherOutputsPath is null, $"TeacherOutputsPath is '{TeacherOutputsPath}'; it has an effect with View = Clean only: leave it out."),
        Check.That(Teacher is null || TeacherWeights is null, "Both Teacher and TeacherWeights are given; expected at most one of them."),
    ];
}
