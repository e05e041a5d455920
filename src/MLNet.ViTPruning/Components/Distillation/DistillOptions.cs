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
        Check.Defined(View),
        Check.That(View == TeacherView.Augmented || Kind != DistillationKind.Feature, "View is Clean and Kind is Feature; use Soft or Hard, or View = Augmented."),
        Check.That(View == TeacherView.Clean || TeacherOutputsPath is null, $"TeacherOutputsPath is '{TeacherOutputsPath}'; it has an effect with View = Clean only: leave it out."),
        Check.That(Teacher is null || TeacherWeights is null, "Both Teacher and TeacherWeights are given; expected at most one of them."),
    ];
}
