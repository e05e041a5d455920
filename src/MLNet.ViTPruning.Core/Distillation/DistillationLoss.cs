using System.Diagnostics;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Distillation;

/// <summary>The losses of the distillation kinds.</summary>
internal static class DistillationLoss
{
    /// <summary>The loss of a batch.</summary>
    /// <param name="step">Student and batch.</param>
    /// <param name="teacher">What the teacher says of it, or of its images before any mixing: logits <c>[B, K]</c>, or features <c>[B, C]</c> for the feature kind.</param>
    /// <param name="objective">Kind, alpha and temperature.</param>
    /// <returns>A scalar, mean over the batch.</returns>
    public static Tensor Of(TrainingStep step, Tensor teacher, DistillationObjective objective)
    {
        if (objective.Kind == DistillationKind.Feature)
        {
            var (logits, features) = step.Model.ForwardWithFeatures(step.Images);          // [B, K], [B, C]
            return CrossEntropy(step.Targets, logits) + objective.Alpha * (features - teacher).square().mean();
        }
        var (labelled, taught) = Heads(step);                                              // [B, K] each
        double share = objective.View == TeacherView.Clean ? step.Share : 1;
        var fromTeacher = objective.Kind switch
        {
            DistillationKind.Soft => Soft(taught, teacher, objective.Temperature, share),
            DistillationKind.Hard => Hard(taught, teacher, share),
            _ => throw new UnreachableException(),
        };
        return CrossEntropy(step.Targets, labelled) + objective.Alpha * fromTeacher;
    }

    /// <summary>T² KL(teacher || student) of the softened distributions: sum over the classes, mean over the batch.</summary>
    /// <param name="student">Logits <c>[B, K]</c>.</param>
    /// <param name="teacher">Logits <c>[B, K]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="share">An image's own share of what the teacher said.</param>
    private static Tensor Soft(Tensor student, Tensor teacher, double temperature, double share)
    {
        var logTeacher = (teacher / temperature).log_softmax(1);                            // [B, K]
        var logStudent = (student / temperature).log_softmax(1);                            // [B, K]
        if (share != 1) logTeacher = logaddexp(logTeacher + Math.Log(share), logTeacher.flip(0) + Math.Log(1 - share)); // [B, K]
        return (logTeacher.exp() * (logTeacher - logStudent)).sum([1]).mean() * (temperature * temperature);
    }

    private static Tensor Hard(Tensor student, Tensor teacher, double share)
    {
        var decision = teacher.argmax(1);                                                   // [B]
        var own = nn.functional.cross_entropy(student, decision);
        return share == 1 ? own : share * own + (1 - share) * nn.functional.cross_entropy(student, decision.flip(0));
    }

    private static Tensor CrossEntropy(Tensor targets, Tensor logits) => (targets * logits.log_softmax(1)).sum([1]).mean().neg();

    /// <summary>The logits that learn the labels and those that learn from the teacher: DeiT's two heads, or one and the same.</summary>
    private static (Tensor Labelled, Tensor Taught) Heads(TrainingStep step)
    {
        if (step is { Forward: null, Model: VisionTransformer { Configuration.DistillationToken: true } distilled }) return distilled.ForwardHeads(step.Images);
        var logits = step.Logits();
        return (logits, logits);
    }
}
