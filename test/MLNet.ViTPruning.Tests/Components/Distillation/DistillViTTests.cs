using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Unified;
using MLNet.ViTPruning.Tests.Components.Training;
using MLNet.ViTPruning.Tests.Data;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static MLNet.ViTPruning.Tests.Components.Training.StripedRows;
using static MLNet.ViTPruning.Tests.Components.Training.VisionTransformerTrainerTests;

namespace MLNet.ViTPruning.Tests.Components.Distillation;

[TestClass]
public sealed class DistillViTTests
{
    private static readonly UnifiedPruningOptions Half = new() { AttentionKeepRatio = 0.5, MlpKeepRatio = 0.5, BatchSize = 8 };

    private static readonly DistillOptions Recipe = new() { Epochs = 4, BatchSize = 20, LearningRate = 2e-3, LoaderThreads = 1 };

    [TestMethod]
    public void Chain_OfScorePruneDistillCompact_SavesLoadsAndScoresEqually()
    {
        var ml = new MLContext(seed: 1);
        using var teacher = Teacher(ml);
        using var folder = new TempFolder();
        var data = Labelled(ml, Rows(60));
        var chain = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = teacher.Model })
            .Append(ml.Transforms.PruneViT(Half))
            .Append(ml.Transforms.DistillViT(Recipe with { WorkspacePath = folder["run"] }));
        using var fitted = chain.Fit(data);
        var stages = ((IEnumerable<ITransformer>)fitted).Cast<ViTScoringTransformer>().ToList();

        Assert.IsTrue(Equal(teacher.Model, stages[0].Model), "the teacher is not changed");
        Assert.AreEqual(stages[1].Model.Configuration, stages[2].Model.Configuration);
        Assert.IsFalse(Equal(stages[1].Model, stages[2].Model));
        Assert.AreEqual(stages[1].Plan, stages[2].Plan);
        Assert.IsNotNull(stages[2].Plan);
        Assert.AreEqual(stages[2].Plan, Checkpoints.ModelFile.LoadPlan(folder["run/best.safetensors"]));
        Assert.AreSame(stages[0].Model, stages[2].Handle.First);
        Assert.IsFalse(stages[2].Model.training);

        var compact = fitted.CompactViT();
        Assert.HasCount(1, ((IEnumerable<ITransformer>)compact).ToList());
        var stream = new MemoryStream();
        ml.Model.Save(compact, data.Schema, stream);
        var loaded = ml.Model.Load(stream, out _);
        using var disposable = loaded as IDisposable;
        foreach (var (a, b) in Scores(fitted, data).Zip(Scores(loaded, data))) CollectionAssert.AreEqual(a, b);
    }

    [TestMethod]
    [DataRow(DistillationKind.Soft, 1.0, 0.0)]
    [DataRow(DistillationKind.Soft, 3.0, 0.0)]
    [DataRow(DistillationKind.Hard, 1.0, 0.0)]
    [DataRow(DistillationKind.Feature, 1.0, 0.0)]
    [DataRow(DistillationKind.Soft, 1.0, 1.0)]
    public void Fit_BringsTheStudentNearerToItsTeacher(DistillationKind kind, double temperature, double hiddenWeight)
    {
        var ml = new MLContext(seed: 1);
        using var teacher = Teacher(ml);
        var data = Labelled(ml, Rows(100));
        using var start = TinyData.Model(seed: 4);
        using var scored = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = start }).Fit(data);
        var options = Recipe with { Kind = kind, Temperature = temperature, Teacher = teacher.Model, Epochs = 8, BatchSize = 10, LearningRate = 4e-3, HiddenWeight = hiddenWeight };
        if (hiddenWeight > 0) options = options with { LabelWeight = 0 };
        using var student = ml.Transforms.DistillViT(options).Fit(scored.Transform(data));
        var fresh = Labelled(ml, Rows(60, seed: 9));
        var wanted = Scores(teacher, fresh);
        Assert.IsLessThan(0.8 * Distance(wanted, Scores(scored, fresh)), Distance(wanted, Scores(student, fresh)));
    }

    [TestMethod]
    public void Fit_TakesTheTeacherThatIsGiven_FromMemoryOrFile()
    {
        var ml = new MLContext(seed: 1);
        using var teacher = Teacher(ml);
        using var start = TinyData.Model(seed: 4);
        using var folder = new TempFolder();
        Checkpoints.ModelFile.Save(teacher.Model, folder["teacher.safetensors"]);
        var data = Labelled(ml, Rows(60));
        using var scored = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = start }).Fit(data);
        var input = scored.Transform(data);
        using var self = ml.Transforms.DistillViT(Recipe).Fit(input);
        using var memory = ml.Transforms.DistillViT(Recipe with { Teacher = teacher.Model }).Fit(input);
        using var file = ml.Transforms.DistillViT(Recipe with { TeacherWeights = folder["teacher.safetensors"] }).Fit(input);
        Assert.IsTrue(Equal(memory.Model, file.Model));
        Assert.IsFalse(Equal(memory.Model, self.Model));
        var fresh = Labelled(ml, Rows(60, seed: 9));
        var wanted = Scores(teacher, fresh);
        Assert.IsLessThan(Distance(wanted, Scores(self, fresh)), Distance(wanted, Scores(memory, fresh)));
    }

    [TestMethod]
    public void Fit_Twice_GivesEqualWeights_AndLeavesNoTensorBehind()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        var data = Labelled(ml, Rows(40));
        using var scored = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = start }).Fit(data);
        var estimator = ml.Transforms.DistillViT(Recipe with { Epochs = 1 });
        using var first = estimator.Fit(scored.Transform(data));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var second = estimator.Fit(scored.Transform(data))) Assert.IsTrue(first.Model.state_dict().All(e => e.Value.allclose(second.Model.state_dict()[e.Key], 0, 0)));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Trainer_GoingOnWithAPrunedModel_KeepsTheTeacher()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        var data = Labelled(ml, Rows(40));
        var chain = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = start })
            .Append(ml.Transforms.PruneViT(Half))
            .Append(ml.MulticlassClassification.Trainers.VisionTransformer(epochs: 1));
        using var fitted = chain.Fit(data);
        var stages = ((IEnumerable<ITransformer>)fitted).Cast<ViTScoringTransformer>().ToList();
        Assert.AreSame(stages[0].Model, stages[2].Handle.First);
        Assert.AreEqual(stages[1].Plan, stages[2].Plan);
    }

    [TestMethod]
    public void Fit_Cancelled_GivesTheBestSoFar()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        var data = Labelled(ml, Rows(40));
        using var scored = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = start }).Fit(data);
        using var model = ml.Transforms.DistillViT(Recipe with { CancellationToken = new CancellationToken(true) }).Fit(scored.Transform(data));
        Assert.AreEqual(TrainingEnd.Cancelled, model.Training!.End);
        Assert.IsTrue(Equal(start, model.Model));
    }

    private static ViTScoringTransformer Teacher(MLContext ml) =>
        ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch(epochs: 8)).Fit(Labelled(ml, Rows(200)));

    private static double Distance(List<float[]> a, List<float[]> b) => a.Zip(b).Average(pair => pair.First.Zip(pair.Second).Sum(p => Math.Abs(p.First - p.Second)));
}
