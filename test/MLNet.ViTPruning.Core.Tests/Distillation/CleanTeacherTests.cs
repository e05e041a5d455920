using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Tests.Training;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Distillation;

/// <summary>A teacher that sees each image once, without augmentation and prepared its own way.</summary>
[TestClass]
public class CleanTeacherTests
{
    private static TrainingOptions Augmented => Options with { Augmentation = AugmentationOptions.CifarStrong };

    [TestMethod]
    public void WithoutAugmentation_EqualsATeacherThatSeesWhatTheStudentSees()
    {
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        var (expected, _) = Train(Job() with { Objective = new DistillationObjective(teacher) });
        var (actual, _) = Train(Job() with { Objective = Clean(teacher) });
        Models.SmallModels.AreClose(expected, actual, 2e-5);
    }

    [TestMethod]
    [DataRow(DistillationKind.Soft, 1.0)]
    [DataRow(DistillationKind.Soft, 2.0)]
    [DataRow(DistillationKind.Hard, 1.0)]
    public void MixedImages_AreTaughtInTheSharesOfTheirLabels(DistillationKind kind, double temperature)
    {
        const double Share = 0.3, Alpha = 1.7;
        using var scope = NewDisposeScope();
        using var student = Models.SmallModels.Random(Vit(), 1);
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        using var generator = new Generator(3);
        var images = randn([3, 3, 8, 8], generator: generator);
        var said = randn([3, Classes], generator: generator);
        var targets = full([3, Classes], 1.0 / Classes);
        var objective = new DistillationObjective(teacher, kind, Alpha, temperature) { View = TeacherView.Clean };
        var loss = DistillationLoss.Of(new TrainingStep(student, images, targets, [0, 1, 2], true) { Share = Share }, new(said, null), objective);

        using var noGrad = no_grad();
        double[][] logits = [.. Enumerable.Range(0, 3).Select(i => Row(student.forward(images), i))];
        double expected = 0;
        for (int i = 0; i < 3; i++)
        {
            double[] p = Softmax(logits[i], 1), r = Softmax(logits[i], temperature);
            double[] own = Taught(Row(said, i)), other = Taught(Row(said, 2 - i));
            for (int k = 0; k < Classes; k++)
            {
                double q = Share * own[k] + (1 - Share) * other[k];
                expected -= Math.Log(p[k]) / Classes / 3;
                expected += Alpha / 3 * (kind == DistillationKind.Hard ? -q * Math.Log(p[k]) : temperature * temperature * q * Math.Log(q / r[k]));
            }
        }
        Assert.AreEqual(expected, loss.ToDouble(), 2e-5 * Math.Abs(expected));

        double[] Taught(double[] values) =>
            kind == DistillationKind.Soft ? Softmax(values, temperature) : [.. values.Select(v => v == values.Max() ? 1.0 : 0.0)];
    }

    [TestMethod]
    public void TeacherOfAnotherSize_TeachesAndIsAskedOncePerImage()
    {
        using var teacher = Models.SmallModels.Random(Swin(), 2);
        var seen = new List<int>();
        var options = Augmented with { Progress = new StepLog(p => { if (p.TeacherImages is { } n) seen.Add(n); }) };
        var (_, result) = Train(Job(options) with { Objective = Clean(teacher) });
        Assert.AreEqual(TrainingEnd.Completed, result.End);
        CollectionAssert.AreEqual(new[] { 8, 16, 21 }, seen);
    }

    [TestMethod]
    public void InterruptedTraining_GoesOnWithTheSameNumbers()
    {
        using var folder = new TemporaryFolder();
        using var teacher = Models.SmallModels.Random(Swin(), 2);
        var job = Job(Augmented) with { Objective = Clean(teacher) };
        var (expected, _) = Train(job);
        // Once while the teacher is asked, and once in the second epoch.
        for (int stop = 0; stop < 2; stop++)
        {
            using var source = new CancellationTokenSource();
            int at = stop;
            var listener = new StepLog(p => { if (at == 0 ? p.TeacherImages == 8 : p.Epoch == 2) source.Cancel(); });
            Train(job with { Options = job.Options with { Progress = listener, CancellationToken = source.Token }, RunFolder = folder.Path, Resume = stop > 0 });
        }
        var (actual, _) = Train(job with { RunFolder = folder.Path, Resume = true });
        CollectionAssert.AreEqual(expected, actual);
    }

    [TestMethod]
    public void OutputsFile_IsSharedAndRefusedWhereItIsAnother()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "said.safetensors");
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        using var other = Models.SmallModels.Random(Vit(), 3);
        var (expected, _) = Train(Job() with { Objective = Clean(teacher, path) });
        int asked = 0;
        var options = Options with { Progress = new StepLog(p => asked += p.TeacherImages is null ? 0 : 1) };
        var (actual, _) = Train(Job(options) with { Objective = Clean(teacher, path) });
        CollectionAssert.AreEqual(expected, actual);
        Assert.AreEqual(0, asked);
        byte[] before = File.ReadAllBytes(path);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Train(Job() with { Objective = Clean(other, path) })).Message, "another teacher");
        Assert.ThrowsExactly<InvalidOperationException>(() => Train(Job(images: 20) with { Objective = Clean(teacher, path) }));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        File.WriteAllBytes(path, before[..^8]);
        Assert.ThrowsExactly<InvalidDataException>(() => Train(Job() with { Objective = Clean(teacher, path) }));
    }

    [TestMethod]
    public void WhatHasNoMeaning_IsRefused()
    {
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        string features = Assert.ThrowsExactly<ArgumentException>(
            () => Train(Job() with { Objective = new DistillationObjective(teacher, DistillationKind.Feature) { View = TeacherView.Clean } })).Message;
        StringAssert.Contains(features, "use Soft or Hard");
        string path = Assert.ThrowsExactly<ArgumentException>(
            () => Train(Job() with { Objective = new DistillationObjective(teacher) { OutputsPath = "said" } })).Message;
        StringAssert.Contains(path, "OutputsPath is 'said'");
    }

    [TestMethod]
    public void Run_LeavesNoTensorAlive()
    {
        using var teacher = Models.SmallModels.Random(Swin(), 2);
        using var model = VisionModel.Create(Vit(), 5);
        var job = Job(Augmented) with { Objective = Clean(teacher) };
        Trainer.Run(model, job);
        long before = LiveTensors.AfterCollection();
        Trainer.Run(model, job);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private static DistillationObjective Clean(VisionModel teacher, string? path = null) => new(teacher) { View = TeacherView.Clean, OutputsPath = path };
}
