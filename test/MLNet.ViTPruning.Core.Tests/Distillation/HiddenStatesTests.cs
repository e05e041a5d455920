using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Tests.Models;
using MLNet.ViTPruning.Tests.Training;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Distillation;

[TestClass]
public sealed class HiddenStatesTests
{
    private const double Weight = 30;

    [TestMethod]
    [DataRow("vit", DistillationKind.Soft)]
    [DataRow("vit", DistillationKind.Feature)]
    [DataRow("distilled", DistillationKind.Hard)]
    [DataRow("swin", DistillationKind.Soft)]
    [DataRow("pvt", DistillationKind.Soft)]
    public void Loss_AddsEachBlocksErrorAsAShareOfTheTeachersVariance(string family, DistillationKind kind)
    {
        using var scope = NewDisposeScope();
        using var student = Small(family, 1);
        using var teacher = Small(family, 2);
        var step = Step(student);
        double without = new DistillationObjective(teacher, kind).Loss(step).ToDouble();
        var loss = new DistillationObjective(teacher, kind) { HiddenWeight = Weight }.Loss(step);
        loss.backward();
        Assert.IsTrue(teacher.parameters().All(p => p.grad is null));

        using var noGrad = no_grad();
        var (own, taught) = (student.BlockOutputs(step.Images), teacher.BlockOutputs(step.Images));
        double sum = 0;
        for (int i = 0; i < own.Count; i++)
        {
            sum += Error(own[i], taught[i]);
        }
        double expected = without + Weight * sum / own.Count;
        Assert.AreEqual(expected, loss.ToDouble(), 2e-5 * expected);
        var alone = new DistillationObjective(teacher, kind, alpha: 0) { LabelWeight = 0, HiddenWeight = Weight }.Loss(step);
        Assert.AreEqual(expected - without, alone.ToDouble(), 2e-5 * expected);
    }

    [TestMethod]
    [DataRow("vit", 1, 0.25)]
    [DataRow("vit", 1, 1.0)]
    [DataRow("distilled", 2, 0.6)]
    public void Loss_WithAShareForTheClassToken_WeighsItsErrorAgainstAllTokens_AndLeavesOutPatchesThatNothingReads(string family, int classTokens, double share)
    {
        using var scope = NewDisposeScope();
        using var student = Small(family, 1);
        using var teacher = Small(family, 2);
        var step = Step(student);
        double actual = new DistillationObjective(teacher, alpha: 0) { LabelWeight = 0, HiddenWeight = Weight, ClassTokenShare = share }.Loss(step).ToDouble();

        using var noGrad = no_grad();
        var (own, taught) = (student.BlockOutputs(step.Images), teacher.BlockOutputs(step.Images));
        double sum = 0;
        for (int i = 0; i < own.Count; i++)
        {
            double ofClass = Error(own[i].narrow(1, 0, classTokens), taught[i].narrow(1, 0, classTokens));
            sum += i == own.Count - 1 ? ofClass : share * ofClass + (1 - share) * Error(own[i], taught[i]);
        }
        double expected = Weight * sum / own.Count;
        Assert.AreEqual(expected, actual, 2e-5 * expected);
    }

    [TestMethod]
    public void Run_BringsTheStudentsStreamToTheTeachers_AndGoesOnExactlyAfterAStop()
    {
        using var teacher = SmallModels.Random(Vit(), 2);
        var job = Job(Options with { Epochs = 4, LearningRate = 4e-3 }, 45) with { Objective = new DistillationObjective(teacher) { HiddenWeight = Weight } };
        var (plain, _) = Train(job with { Objective = new DistillationObjective(teacher) });
        var (whole, result) = Train(job);
        CollectionAssert.AreNotEqual(plain, whole);
        Assert.IsLessThan(0.8 * result.Epochs[0].TrainLoss, result.Epochs[^1].TrainLoss);

        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var halfway = new StepLog(progress =>
        {
            if (progress.Epoch > 2) stop.Cancel();
        });
        var (_, first) = Train(job with { RunFolder = folder.Path, Options = job.Options with { Progress = halfway, CancellationToken = stop.Token } });
        Assert.AreEqual(TrainingEnd.Cancelled, first.End);
        var (resumed, _) = Train(job with { RunFolder = folder.Path, Resume = true });
        CollectionAssert.AreEqual(whole, resumed);
        string other = Assert.ThrowsExactly<InvalidOperationException>(() => Train(job with { RunFolder = folder.Path, Resume = true, Objective = new DistillationObjective(teacher) })).Message;
        StringAssert.Contains(other, "objective is another");
    }

    [TestMethod]
    public void Start_RefusesAnotherStream_AndWhatCannotBeRemembered()
    {
        using var student = VisionModel.Create(Vit(), 5);
        using var wide = VisionModel.Create(Vit(width: 18), 5);
        using var same = VisionModel.Create(Vit(), 6);
        string Message(DistillationObjective objective) => Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(student, Job() with { Objective = objective })).Message;
        StringAssert.Contains(Message(new DistillationObjective(wide) { HiddenWeight = 1 }), "x 18) has another residual stream than the student");
        string both = Message(new DistillationObjective(same) { HiddenWeight = -1, View = TeacherView.Clean });
        StringAssert.Contains(both, "HiddenWeight is -1");
        StringAssert.Contains(Message(new DistillationObjective(same, alpha: 0) { LabelWeight = 0 }), "nothing to learn");
        StringAssert.Contains(Message(new DistillationObjective(same) { HiddenWeight = 1, View = TeacherView.Clean }), "use Augmented");
        StringAssert.Contains(Message(new DistillationObjective(same) { HiddenWeight = 1, ClassTokenShare = 1.5 }), "ClassTokenShare is 1.5; expected a value in [0, 1]");
        StringAssert.Contains(Message(new DistillationObjective(same) { ClassTokenShare = 0.5 }), "HiddenWeight 0");
    }

    [TestMethod]
    public void Start_RefusesAShareForAClassToken_ThatTheModelDoesNotPool()
    {
        foreach (var configuration in (ModelConfiguration[])[Vit() with { Pooling = Pooling.Mean }, SmallModels.Swin()])
        {
            using var student = SmallModels.Random(configuration, 1);
            using var teacher = SmallModels.Random(configuration, 2);
            var objective = new DistillationObjective(teacher) { HiddenWeight = 1, ClassTokenShare = 0.5 };
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(student, Job() with { Objective = objective })).Message, "pools all patches and no class token");
        }
    }

    private static VisionModel Small(string family, ulong seed) => SmallModels.Random(family switch
    {
        "swin" => SmallModels.Swin(),
        "pvt" => SmallModels.Pvt(),
        _ => SmallModels.Vit(distilled: family == "distilled"),
    }, seed);

    private static TrainingStep Step(VisionModel student)
    {
        int side = student.Configuration.ImageSize;
        using var generator = new Generator(3);
        var images = randn([3, 3, side, side], generator: generator);
        return new(student, images, rand([3, student.Configuration.NumClasses], generator: generator).softmax(1), [0, 1, 2], true);
    }

    /// <summary>The squared error as a share of the teacher's variance.</summary>
    private static double Error(Tensor student, Tensor teacher)
    {
        double[] s = Values(student), t = Values(teacher);
        double mean = t.Average(), variance = t.Average(v => (v - mean) * (v - mean));
        return s.Zip(t, (a, b) => (a - b) * (a - b)).Average() / variance;
    }

    private static double[] Values(Tensor tensor)
    {
        using var values = tensor.to(ScalarType.Float64).contiguous().data<double>();
        return values.ToArray();
    }
}
