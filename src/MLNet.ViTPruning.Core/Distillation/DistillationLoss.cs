using System.Diagnostics;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Distillation;

/// <summary>What a teacher says of a batch.</summary>
/// <param name="Output">Logits <c>[B, K]</c>, or features <c>[B, C]</c> for the feature kind; float32.</param>
/// <param name="Blocks">Its residual stream after each block, or null where nothing is to be learnt from it.</param>
internal readonly record struct TeacherAnswer(Tensor Output, IReadOnlyList<Tensor>? Blocks);

/// <summary>The losses of the distillation kinds.</summary>
internal static class DistillationLoss
{
    /// <summary>The loss of a batch.</summary>
    /// <param name="step">Student and batch.</param>
    /// <param name="teacher">What the teacher says of it, or of its images before any mixing.</param>
    /// <param name="objective">Kind, alpha, temperature and the hidden states' weight.</param>
    /// <returns>A scalar, mean over the batch.</returns>
    public static Tensor Of(TrainingStep step, TeacherAnswer teacher, DistillationObjective objective)
    {
        List<Tensor>? blocks = teacher.Blocks is null ? null : [];
        var loss = OfOutputs(step, teacher.Output, blocks, objective);
        return blocks is null ? loss : loss + objective.HiddenWeight * Hidden(blocks, teacher.Blocks!, objective, step.Model.TokensRead ?? 0);
    }

    private static Tensor OfOutputs(TrainingStep step, Tensor teacher, List<Tensor>? blocks, DistillationObjective objective)
    {
        if (objective.Kind == DistillationKind.Feature)
        {
            var (logits, features) = step.Model.ForwardWithFeatures(step.Images, blocks);  // [B, K], [B, C]
            return objective.LabelWeight * CrossEntropy(step.Targets, logits) + objective.Alpha * (features - teacher).square().mean();
        }
        var (labelled, taught) = Heads(step, blocks);                                      // [B, K] each
        double share = objective.View == TeacherView.Clean ? step.Share : 1;
        var fromTeacher = objective.Kind switch
        {
            DistillationKind.Soft => Soft(taught, teacher, objective.Temperature, share),
            DistillationKind.Hard => Hard(taught, teacher, share),
            _ => throw new UnreachableException(),
        };
        return objective.LabelWeight * CrossEntropy(step.Targets, labelled) + objective.Alpha * fromTeacher;
    }

    /// <summary>The squared error of the residual stream as a share of the teacher's variance, mean over the blocks: blocks count alike, though the
    /// stream grows from block to block.</summary>
    /// <param name="student">The student's stream after each of its blocks.</param>
    /// <param name="teacher">The teacher's.</param>
    /// <param name="objective">Which of the teacher's blocks, and how much of each block's error is the class token's.</param>
    /// <param name="classTokens">How many tokens the head reads, the first ones: 1, or 2 with a distillation token; unused where the share is 0.</param>
    private static Tensor Hidden(IReadOnlyList<Tensor> student, IReadOnlyList<Tensor> teacher, DistillationObjective objective, int classTokens)
    {
        Tensor Error(int i)
        {
            var (s, t) = (student[i], teacher[objective.TeacherBlocks?[i] ?? i]);               // [B, N, C] each
            double share = objective.ClassTokenShare;
            if (share == 0) return ShareOfVariance(s, t);
            var ofClass = ShareOfVariance(s.narrow(1, 0, classTokens), t.narrow(1, 0, classTokens));
            return share == 1 || i == student.Count - 1 ? ofClass : share * ofClass + (1 - share) * ShareOfVariance(s, t);
        }
        return stack(Enumerable.Range(0, student.Count).Select(Error)).mean();
    }

    private static Tensor ShareOfVariance(Tensor student, Tensor teacher) => (student - teacher).square().mean() / teacher.var(unbiased: false);

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
    private static (Tensor Labelled, Tensor Taught) Heads(TrainingStep step, List<Tensor>? blocks)
    {
        if (step is { Forward: null, Model: VisionTransformer { Configuration.DistillationToken: true } distilled }) return distilled.ForwardHeads(step.Images, blocks);
        var logits = step.Logits(blocks);
        return (logits, logits);
    }
}
