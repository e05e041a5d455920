using System.Globalization;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Validation;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Distillation;

/// <summary>Cross-entropy with the labels plus alpha times what the student is to take from a teacher.</summary>
/// <remarks>Sources: Yu and Wu, "A Unified Pruning Framework for Vision Transformers" (UP-ViTs), for the soft kind with T = 1; Hinton et al.,
/// "Distilling the Knowledge in a Neural Network" (arXiv:1503.02531), for T² and the temperature; Touvron et al. (arXiv:2012.12877)
/// for the hard kind and the distillation token: a student that has one learns the labels on the class token's head and the teacher on
/// the other's. The teacher sees the same augmented images, in evaluation mode and without gradients. During a training it has the
/// training's number format and standard kernels, so it must not be used elsewhere; it gets its settings back. Where the images do
/// not differ from epoch to epoch it is asked once for each. <see cref="TeacherView.Clean"/> changes what it sees.</remarks>
public sealed class DistillationObjective : TrainingObjective
{
    /// <param name="teacher">The teacher, on the student's device; the caller keeps and disposes it.</param>
    /// <param name="kind">What the student takes from it.</param>
    /// <param name="alpha">Weight of the teacher's part, at least 0. 6.4 equals the authors' recipe of the soft kind.</param>
    /// <param name="temperature">Softens both distributions of the soft kind, above 0; 1 for the other kinds.</param>
    /// <exception cref="ArgumentException">Values are out of their range; all faults in one message.</exception>
    public DistillationObjective(VisionModel teacher, DistillationKind kind = DistillationKind.Soft, double alpha = 6.4, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        Check.All(
            Check.Defined(kind),
            Check.InRange(alpha, 0, double.MaxValue),
            Check.InRange(temperature, 0, double.MaxValue, lowerExclusive: true),
            Check.That(kind == DistillationKind.Soft || temperature == 1, FormattableString.Invariant($"temperature is {temperature}; it has an effect on Soft only: leave it at 1.")));
        (Teacher, Kind, Alpha, Temperature) = (teacher, kind, alpha, temperature);
    }

    /// <summary>The teacher.</summary>
    public VisionModel Teacher { get; }

    /// <summary>Which images the teacher sees.</summary>
    /// <value>The default is <see cref="TeacherView.Augmented"/>.</value>
    public TeacherView View { get; init; }

    /// <summary>File of what the teacher said of the clean images, read where it exists and belongs to this teacher and these images, else
    /// made: several trainings may share it, and an interrupted one goes on with it. Only with <see cref="TeacherView.Clean"/>.</summary>
    /// <value>The default, <see langword="null"/>, is <c>teacher.safetensors</c> in the training's folder; without a folder nothing is written.</value>
    public string? OutputsPath { get; init; }

    /// <summary>Weight of the labels' cross-entropy, at least 0.</summary>
    /// <value>The default is 1.</value>
    public double LabelWeight { get; init; } = 1;

    /// <summary>Weight of the hidden states' part, at least 0: the squared error of the residual stream after each block, as a share of the variance that the
    /// teacher's has there, mean over the blocks.</summary>
    /// <remarks>A student that was pruned from its teacher, its residual width kept, learns many times faster with it: every token of every block is
    /// a target. Ours in this form; the idea is Jiao et al., "TinyBERT" (arXiv:1909.10351), section 3, where widths differ and a projection is learnt.</remarks>
    /// <value>The default, 0, takes nothing from them. Above 0 the teacher needs the student's family, tokens, widths and number of blocks (see
    /// <see cref="TeacherBlocks"/>), and must see what the student sees.</value>
    public double HiddenWeight { get; init; }

    /// <summary>With <see cref="HiddenWeight"/>: how much of a block's error is that of the tokens that the head reads, the class token and where there is one the distillation
    /// token, in [0, 1]; the rest is that of all tokens alike. Above 0, patches after the last block, which nothing reads, have no part in it.</summary>
    /// <remarks>Among two hundred tokens that count alike the one that becomes the answer counts for nothing: where patches cannot all come near the teacher's, a student
    /// trades it for them.</remarks>
    /// <value>The default, 0, counts all tokens alike. Above 0 the student must be a ViT or DeiT that pools its class token.</value>
    public double ClassTokenShare { get; init; }

    /// <summary>With <see cref="HiddenWeight"/>: for each of the student's blocks the index of the teacher's after which the stream shall be the same, ascending.
    /// A student without some of its teacher's blocks needs it.</summary>
    /// <value>The default, <see langword="null"/>, is the same block.</value>
    public IReadOnlyList<int>? TeacherBlocks { get; init; }

    /// <summary>What the student takes from it.</summary>
    public DistillationKind Kind { get; }

    /// <summary>Weight of the teacher's part.</summary>
    public double Alpha { get; }

    /// <summary>What both distributions of the soft kind are softened by.</summary>
    public double Temperature { get; }

    /// <inheritdoc/>
    public override string Description
    {
        get
        {
            string labels = LabelWeight == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", labels {LabelWeight:R}");
            string blocks = TeacherBlocks is null ? "" : $" of {string.Join(" ", TeacherBlocks)}";
            string classToken = ClassTokenShare == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", class token {ClassTokenShare:R}");
            string hidden = HiddenWeight == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", hidden states {HiddenWeight:R}{blocks}{classToken}");
            return string.Create(CultureInfo.InvariantCulture, $"{Kind} distillation, alpha {Alpha}, temperature {Temperature}{labels}{hidden}{(View == TeacherView.Clean ? ", clean images" : "")}");
        }
    }

    /// <inheritdoc/>
    public override Tensor Loss(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        CheckStudent(step.Model);
        if (View == TeacherView.Clean) throw new InvalidOperationException("A teacher that sees clean images is asked ahead of a training's steps; use the objective in a training.");
        using var scope = NewDisposeScope();
        return DistillationLoss.Of(step, Ask(step.Images), this).MoveToOuterDisposeScope();
    }

    internal override ObjectiveRun Start(ObjectiveContext context)
    {
        CheckStudent(context.Model);
        return new DistillationRun(this, context);
    }

    /// <summary>What the teacher says of images.</summary>
    /// <param name="images">The images <c>[B, 3, S, S]</c>.</param>
    /// <returns>Tensors of the scope around this call.</returns>
    internal TeacherAnswer Ask(Tensor images)
    {
        using var noGrad = no_grad();
        if (HiddenWeight == 0) return new(Kind == DistillationKind.Feature ? Teacher.Features(images) : Teacher.forward(images), null);
        var blocks = new List<Tensor>();
        var (logits, features) = Teacher.ForwardWithFeatures(images, blocks);
        return new(Kind == DistillationKind.Feature ? features : logits, blocks);
    }

    private void CheckStudent(VisionModel student)
    {
        var (t, s) = (Teacher.Configuration, student.Configuration);
        var (taught, learnt) = (Teacher.parameters().First(), student.parameters().First());
        Check.All(
            Check.That(!ReferenceEquals(Teacher, student), "The teacher is the student itself; give the model before pruning, or a copy of it."),
            Check.Defined(View),
            Check.InRange(LabelWeight, 0, double.MaxValue),
            Check.InRange(HiddenWeight, 0, double.MaxValue),
            Check.That(LabelWeight + Alpha + HiddenWeight > 0, "LabelWeight, alpha and HiddenWeight are all 0; there is nothing to learn."),
            Check.That(HiddenWeight == 0 || View == TeacherView.Augmented, "HiddenWeight is above 0 and View is Clean; hidden states of a clean image are not those of an augmented one: use Augmented."),
            HiddenWeight == 0 ? null : StreamFault(t, s, TeacherBlocks),
            ClassTokenShareFault(s, HiddenWeight, ClassTokenShare),
            Check.That(View == TeacherView.Augmented || Kind != DistillationKind.Feature, "View is Clean and Kind is Feature; features of a clean image are not those of an augmented one: use Soft or Hard."),
            Check.That(View == TeacherView.Clean || OutputsPath is null, $"OutputsPath is '{OutputsPath}'; it has an effect with View = Clean only: leave it out."),
            Check.That(View == TeacherView.Clean || t.ImageSize == s.ImageSize, $"The teacher's input is {t.ImageSize} pixels, the student's {s.ImageSize}; both see the same images: give a teacher of the student's size, or View = Clean."),
            Check.That(t.NumClasses == s.NumClasses || Kind == DistillationKind.Feature, $"The teacher has {t.NumClasses} classes, the student {s.NumClasses}; give a teacher of the student's classes."),
            Check.That(Kind != DistillationKind.Feature || t.NumFeatures == s.NumFeatures,
                $"The teacher's features are {t.NumFeatures} wide, the student's {s.NumFeatures}; the Feature kind needs equal widths: use Soft or Hard, or a teacher of the student's width."),
            Check.That(taught.device_type == learnt.device_type && taught.device_index == learnt.device_index,
                $"The teacher is on {taught.device}, the student on {learnt.device}; move one to the other's device."));
    }

    /// <summary>What keeps a student from learning a teacher's hidden states, or null.</summary>
    internal static string? StreamFault(ModelConfiguration teacher, ModelConfiguration student, IReadOnlyList<int>? teacherBlocks)
    {
        int count = teacher.Blocks.Count();
        if (teacherBlocks is not null && (teacherBlocks.Count != student.Blocks.Count() || !teacherBlocks.SequenceEqual(teacherBlocks.Order()) || teacherBlocks.Any(block => block < 0 || block >= count)))
            return $"TeacherBlocks is {string.Join(", ", teacherBlocks)}; expected one of the teacher's {count} blocks for each of the student's {student.Blocks.Count()}, ascending.";
        bool counted = teacherBlocks is null;
        return Check.That(Stream(teacher, counted) == Stream(student, counted),
            $"HiddenWeight is above 0, and the teacher ({Stream(teacher, counted)}) has another residual stream than the student ({Stream(student, counted)}); leave it at 0, or give the model that the student was pruned from, residual width kept.");
    }

    /// <summary>What keeps a student's class token from counting so much, or null.</summary>
    internal static string? ClassTokenShareFault(ModelConfiguration student, double hiddenWeight, double share) =>
        Check.InRange(share, 0, 1, name: nameof(ClassTokenShare))
        ?? Check.That(share == 0 || hiddenWeight > 0, FormattableString.Invariant($"ClassTokenShare is {share} and HiddenWeight 0; it has an effect on the hidden states' part only: leave it at 0."))
        ?? Check.That(share == 0 || student is { Family: ModelFamily.Vit, Pooling: Pooling.ClassToken }, FormattableString.Invariant($"ClassTokenShare is {share}; the model pools all patches and no class token: leave it at 0."));

    private static string Stream(ModelConfiguration model, bool counted) =>
        $"{model.Family}, {string.Join(" + ", model.Stages.Select((stage, i) => $"{(counted ? $"{stage.Blocks.Count} " : "")}blocks of {model.TokensOf(i)} x {stage.EmbedDim}"))}";
}
