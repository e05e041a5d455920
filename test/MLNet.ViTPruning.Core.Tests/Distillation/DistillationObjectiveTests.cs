using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Training;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Distillation;

[TestClass]
public class DistillationObjectiveTests
{
    private const int Batch = 4;

    [TestMethod]
    [DataRow(DistillationKind.Soft, 6.4, 1.0, false)]
    [DataRow(DistillationKind.Soft, 0.7, 3.0, false)]
    [DataRow(DistillationKind.Soft, 2.0, 0.5, true)]
    [DataRow(DistillationKind.Hard, 1.5, 1.0, false)]
    [DataRow(DistillationKind.Hard, 1.5, 1.0, true)]
    [DataRow(DistillationKind.Feature, 20.0, 1.0, false)]
    public void Loss_EqualsTheFormula(DistillationKind kind, double alpha, double temperature, bool distilledStudent)
    {
        using var scope = NewDisposeScope();
        using var student = Models.SmallModels.Random(Vit(distilledStudent), 1);
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        using var generator = new Generator(3);
        var images = randn([Batch, 3, 8, 8], generator: generator);
        var targets = rand([Batch, Classes], generator: generator).softmax(1);
        double actual;
        using (var loss = new DistillationObjective(teacher, kind, alpha, temperature).Loss(new TrainingStep(student, images, targets, [0, 1, 2, 3], true)))
            actual = loss.ToDouble();

        using var noGrad = no_grad();
        var (labelled, taught) = distilledStudent ? ((VisionTransformer)student).ForwardHeads(images) : (student.forward(images), student.forward(images));
        double expected = 0;
        for (int i = 0; i < Batch; i++)
        {
            double[] y = Row(targets, i), p = Softmax(Row(labelled, i), 1);
            for (int k = 0; k < Classes; k++) expected -= y[k] * Math.Log(p[k]) / Batch;
            double[] t = Row(teacher.forward(images), i), s = Row(taught, i);
            if (kind == DistillationKind.Hard) expected -= alpha * Math.Log(Softmax(s, 1)[Array.IndexOf(t, t.Max())]) / Batch;
            if (kind == DistillationKind.Soft)
            {
                double[] q = Softmax(t, temperature), r = Softmax(s, temperature);
                for (int k = 0; k < Classes; k++) expected += alpha * temperature * temperature * q[k] * Math.Log(q[k] / r[k]) / Batch;
            }
            if (kind == DistillationKind.Feature)
            {
                double[] f = Row(student.Features(images), i), g = Row(teacher.Features(images), i);
                expected += alpha * f.Zip(g, (a, b) => (a - b) * (a - b)).Average() / Batch;
            }
        }
        Assert.AreEqual(expected, actual, 2e-5 * Math.Abs(expected));
    }

    [TestMethod]
    public void Loss_GivesTheTeacherNoGradients()
    {
        using var student = Models.SmallModels.Random(Vit(), 1);
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        using var images = zeros([2, 3, 8, 8]);
        using var targets = full([2, Classes], 1.0f / Classes);
        using (var loss = new DistillationObjective(teacher).Loss(new TrainingStep(student, images, targets, [0, 1], true))) loss.backward();
        Assert.IsTrue(teacher.parameters().All(p => p.grad is null));
        Assert.IsTrue(student.parameters().All(p => p.grad is not null));
    }

    [TestMethod]
    [DataRow(DistillationKind.Soft)]
    [DataRow(DistillationKind.Hard)]
    [DataRow(DistillationKind.Feature)]
    public void Run_WithRememberedAnswers_EqualsAskingEachTime(DistillationKind kind)
    {
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        var remembered = new DistillationObjective(teacher, kind);
        var (expected, _) = Train(Job() with { Objective = new AskingEachTime(remembered) });
        var (actual, _) = Train(Job() with { Objective = remembered });
        Models.SmallModels.AreClose(expected, actual, 2e-5);
    }

    [TestMethod]
    public void Run_AsksTheTeacherOncePerImageThatStaysTheSame()
    {
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        var (same, _) = Train(Job(Options with { Epochs = 1 }) with { Objective = new DistillationObjective(teacher) });
        // A teacher that changes after the first epoch is not asked again.
        using var changing = Models.SmallModels.Random(Vit(), 2);
        var (expected, _) = Train(Job() with { Objective = new DistillationObjective(teacher) });
        var spoil = new StepLog(progress =>
        {
            if (progress.Epoch > 1) foreach (var parameter in changing.parameters()) parameter.requires_grad_(false).zero_();
        });
        var (actual, _) = Train(Job(Options with { Progress = spoil }) with { Objective = new DistillationObjective(changing) });
        CollectionAssert.AreEqual(expected, actual);
        CollectionAssert.AreNotEqual(expected, same);
    }

    [TestMethod]
    public void Run_WithAugmentation_AsksTheTeacherAboutWhatTheStudentSees()
    {
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        var job = Job(Options with { Augmentation = AugmentationOptions.CifarStrong });
        var (expected, _) = Train(job with { Objective = new AskingEachTime(new DistillationObjective(teacher)) });
        var (actual, _) = Train(job with { Objective = new DistillationObjective(teacher) });
        Models.SmallModels.AreClose(expected, actual, 2e-5);
    }

    [TestMethod]
    public void Run_GivesTheTeacherItsSettingsBackAndLeavesNoTensorAlive()
    {
        using var teacher = Models.SmallModels.Random(Vit(), 2);
        (teacher.Precision, teacher.Kernels) = (ComputePrecision.BFloat16, KernelSelection.Measured);
        teacher.train();
        var weights = Weights(teacher);
        using var model = VisionModel.Create(Vit(), 5);
        var job = Job() with { Objective = new DistillationObjective(teacher) };
        Trainer.Run(model, job);
        long before = LiveTensors.AfterCollection();
        Trainer.Run(model, job);
        Assert.AreEqual(before, Tensor.TotalCount);
        Assert.AreEqual((ComputePrecision.BFloat16, KernelSelection.Measured, true), (teacher.Precision, teacher.Kernels, teacher.training));
        CollectionAssert.AreEqual(weights, Weights(teacher));
    }

    [TestMethod]
    public void Run_BringsTheStudentToTheTeacher()
    {
        using var teacher = VisionModel.Create(Vit(), 8);
        Trainer.Run(teacher, Job(Options with { Epochs = 20, LearningRate = 5e-3 }, 45));
        var options = Options with { Epochs = 10, LearningRate = 5e-3 };
        var result = Train(Job(options, 45) with { Objective = new DistillationObjective(teacher) }).Result;
        Assert.IsLessThan(result.Epochs[0].TrainLoss / 2, result.Epochs[^1].TrainLoss);
    }

    [TestMethod]
    public void Start_RefusesATeacherThatDoesNotFit()
    {
        using var student = VisionModel.Create(Vit(), 5);
        using var wide = VisionModel.Create(Vit(width: 18), 5);
        using var large = VisionModel.Create(Swin(), 5);
        var narrow = Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(student, Job() with { Objective = new DistillationObjective(wide, DistillationKind.Feature) }));
        StringAssert.Contains(narrow.Message, "18 wide, the student's 12");
        StringAssert.Contains(narrow.Message, "use Soft or Hard");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(student, Job() with { Objective = new DistillationObjective(large) })).Message, "16 pixels");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(student, Job() with { Objective = new DistillationObjective(student) })).Message, "itself");
    }

    [TestMethod]
    public void Constructor_NamesAllFaults()
    {
        using var teacher = VisionModel.Create(Vit(), 5);
        string message = Assert.ThrowsExactly<ArgumentException>(() => new DistillationObjective(teacher, DistillationKind.Hard, -1, 2)).Message;
        StringAssert.Contains(message, "alpha is -1");
        StringAssert.Contains(message, "temperature is 2");
    }

    /// <summary>The same objective without what it does at a training's start.</summary>
    private sealed class AskingEachTime(DistillationObjective objective) : TrainingObjective
    {
        public override Tensor Loss(TrainingStep step) => objective.Loss(step);
    }
}
