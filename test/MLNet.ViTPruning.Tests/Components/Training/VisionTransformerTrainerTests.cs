using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Data;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static MLNet.ViTPruning.Tests.Components.Training.StripedRows;

namespace MLNet.ViTPruning.Tests.Components.Training;

[TestClass]
public sealed class VisionTransformerTrainerTests
{
    [TestMethod]
    public void Fit_FromRandomWeights_LearnsAndReports()
    {
        var ml = new MLContext(seed: 1);
        var messages = new List<string>();
        ml.Log += (_, e) => messages.Add(e.RawMessage);
        var metrics = new List<TrainingMetrics>();
        int steps = 0;
        var options = FromScratch(epochs: 10) with { MetricsCallback = metrics.Add, Progress = new Direct<TrainingProgress>(_ => steps++) };
        var chain = ml.MulticlassClassification.Trainers.VisionTransformer(options).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"));

        using var model = chain.Fit(Labelled(ml, Rows(300)));

        var test = model.Transform(Labelled(ml, Rows(200, seed: 2)));
        Assert.IsGreaterThan(0.7, ml.MulticlassClassification.Evaluate(test).MicroAccuracy);    // chance is 0.2
        CollectionAssert.AreEquivalent(Names, test.GetColumn<string>("Name").Distinct().ToArray());
        var report = ((IEnumerable<ITransformer>)model).OfType<ViTScoringTransformer>().Single().Training!;
        Assert.AreEqual(TrainingEnd.Completed, report.End);
        CollectionAssert.AreEqual(metrics, report.Epochs.ToArray());
        Assert.HasCount(10, metrics);
        Assert.AreEqual(report.Steps, steps);
        Assert.AreEqual(10 * 27, steps);    // 270 images to learn from
        foreach (var epoch in metrics) Assert.AreEqual(1, messages.Count(m => m.Contains(epoch.ToString(), StringComparison.Ordinal)));
        Assert.AreEqual(metrics.Max(m => m.ValidationAccuracy), metrics[report.BestEpoch - 1].ValidationAccuracy);
    }

    [TestMethod]
    public void Fit_TwiceWithOneSeed_GivesEqualWeights_AndLeavesOptionsAndGlobalGeneratorAlone()
    {
        var ml = new MLContext(seed: 5);
        var data = Labelled(ml, Rows(60));
        var options = FromScratch(epochs: 2) with { DropPath = 0.2 };
        var before = options with { };
        using var state = torch.get_rng_state();
        var estimator = ml.MulticlassClassification.Trainers.VisionTransformer(options);
        using var first = estimator.Fit(data);
        using var second = estimator.Fit(data);
        using var sameSeed = new MLContext(seed: 1).MulticlassClassification.Trainers.VisionTransformer(options with { Seed = 5, LoaderThreads = 3 }).Fit(data);
        using var other = ml.MulticlassClassification.Trainers.VisionTransformer(options with { Seed = 6 }).Fit(data);

        Assert.IsTrue(Equal(first.Model, second.Model));
        Assert.IsTrue(Equal(first.Model, sameSeed.Model), "the options' seed is ML.NET's, whatever the loader's threads");
        Assert.IsFalse(Equal(first.Model, other.Model));
        Assert.AreEqual(before, options);

        // load, fit, prune, score
        var stream = new MemoryStream();
        ml.Model.Save(first, data.Schema, stream);
        using var loaded = (ViTScoringTransformer)ml.Model.Load(stream, out _);
        var scored = loaded.Transform(data);
        using var pruned = ml.Transforms.PruneViT(new MLNet.ViTPruning.Pruning.Unified.UnifiedPruningOptions { ProxyImages = 10 }).Fit(scored);
        Assert.HasCount(60, pruned.Transform(data).GetColumn<float[]>("Score").ToList());
        using var after = torch.get_rng_state();
        Assert.IsTrue(state.allclose(after, 0, 0));
    }

    [TestMethod]
    public void Fit_Saved_LoadsAndScoresEqually()
    {
        var ml = new MLContext(seed: 1);
        var data = Labelled(ml, Rows(40));
        using var model = ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch()).Fit(data);
        var stream = new MemoryStream();
        ml.Model.Save(model, data.Schema, stream);
        var loaded = ml.Model.Load(stream, out _);
        using var disposable = loaded as IDisposable;
        foreach (var (a, b) in Scores(model, data).Zip(Scores(loaded, data))) CollectionAssert.AreEqual(a, b);
        CollectionAssert.AreEqual(Names, ((ViTScoringTransformer)loaded).Model.Configuration.LabelNames!.ToArray());
        Assert.IsNull(((ViTScoringTransformer)loaded).Training);
    }

    [TestMethod]
    public void Fit_WithAValidationSetInAnotherKeyOrder_KeepsTheEpochThatIsBestOnIt()
    {
        var ml = new MLContext(seed: 1);
        var validation = Labelled(ml, Rows(100, seed: 3), ["eel", "bee", "ant", "dog", "cat"]);
        var options = FromScratch(epochs: 4) with { ValidationSet = validation };
        using var model = ml.MulticlassClassification.Trainers.VisionTransformer(options).Fit(Labelled(ml, Rows(100)));
        var best = model.Training!.Epochs[model.Training.BestEpoch - 1];
        var accuracy = ml.MulticlassClassification.Evaluate(model.Transform(Labelled(ml, Rows(100, seed: 3)))).MicroAccuracy;
        Assert.AreEqual(100 * accuracy, best.ValidationAccuracy!.Value, 1e-9);
        Assert.AreEqual(4 * 10, model.Training.Steps, "no training image was held out");
    }

    [TestMethod]
    public void Fit_Cancelled_GivesTheBestSoFar()
    {
        var ml = new MLContext(seed: 1);
        using var cancellation = new CancellationTokenSource();
        var options = FromScratch(epochs: 50) with
        {
            CancellationToken = cancellation.Token,
            MetricsCallback = epoch =>
            {
                if (epoch.Epoch == 3) cancellation.Cancel();
            },
        };
        var data = Labelled(ml, Rows(60));
        using var model = ml.MulticlassClassification.Trainers.VisionTransformer(options).Fit(data);
        Assert.AreEqual(TrainingEnd.Cancelled, model.Training!.End);
        Assert.HasCount(3, model.Training.Epochs);
        Assert.HasCount(60, Scores(model, data));
    }

    [TestMethod]
    public void Fit_CancelledBeforeItBegins_GivesTheModelItWouldHaveBegunWith()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        using var model = Untrained(ml, Labelled(ml, Rows(10)), new() { Model = start });
        Assert.IsTrue(Equal(start, model.Model));
        Assert.AreEqual(TrainingEnd.Cancelled, model.Training!.End);
    }

    [TestMethod]
    public void Fit_WithMoreOrFewerClasses_ReplacesTheHeadOnly()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        var data = Labelled(ml, Rows(10), [.. Names, "fox", "gnu"]);
        using var model = Untrained(ml, data, new() { Model = start });
        using var again = Untrained(ml, data, new() { Model = start, ReplaceHead = true });
        CollectionAssert.AreEqual(new[] { "fox", "gnu" }, model.Model.Configuration.LabelNames!.Skip(5).ToArray());
        Assert.AreEqual(7, model.Model.Configuration.NumClasses);
        foreach (var (name, weight) in model.Model.state_dict())
            if (!name.StartsWith("head", StringComparison.Ordinal)) Assert.IsTrue(weight.allclose(start.state_dict()[name], 0, 0), name);
        Assert.IsTrue(Equal(model.Model, again.Model), "the head is drawn by the seed");
        Assert.AreEqual(5, start.Configuration.NumClasses);
    }

    [TestMethod]
    public void Fit_OnClassesOfTheModelInAnotherOrder_TrainsItsOwnHead()
    {
        var ml = new MLContext(seed: 1);
        using var taught = ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch(epochs: 8)).Fit(Labelled(ml, Rows(200)));
        var some = Labelled(ml, Rows(200, seed: 2).Where(r => r.Kind is "eel" or "bee" or "ant").ToList(), ["eel", "bee", "ant"]);
        var options = new VisionTransformerTrainer.Options { Model = taught.Model, Epochs = 1, LearningRate = 1e-4, LoaderThreads = 1 };
        using var model = ml.MulticlassClassification.Trainers.VisionTransformer(options).Fit(some);
        CollectionAssert.AreEqual(Names, model.Model.Configuration.LabelNames!.ToArray());
        // Had the keys been taken for classes, most of the validation images would count as wrong.
        Assert.IsGreaterThan(70, model.Training!.Epochs[0].ValidationAccuracy!.Value);
    }

    [TestMethod]
    public void Fit_OnAsManyClassesOfOtherNames_RefusesAndNamesTheRemedy()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        var rows = Rows(10);
        foreach (var row in rows) row.Kind += "s";
        var data = Labelled(ml, rows, [.. Names.Select(n => n + "s")]);
        var error = Assert.ThrowsExactly<ArgumentException>(() => Untrained(ml, data, new() { Model = start }));
        StringAssert.Contains(error.Message, "'ants'");
        StringAssert.Contains(error.Message, "ReplaceHead");
        using var model = Untrained(ml, data, new() { Model = start, ReplaceHead = true });
        Assert.AreEqual("ants", model.Model.Configuration.LabelNames![0]);
    }

    [TestMethod]
    public void Fit_OnTheModelUpstream_LeavesItAlone_AndBecomesTheTeacher()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        var data = Labelled(ml, Rows(60));
        var recipe = new VisionTransformerTrainer.Options { Epochs = 1, LearningRate = 1e-3, LoaderThreads = 1 };
        var chain = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = start }).Append(ml.MulticlassClassification.Trainers.VisionTransformer(recipe));
        using var model = chain.Fit(data);
        var stages = ((IEnumerable<ITransformer>)model).Cast<ViTScoringTransformer>().ToList();
        Assert.IsTrue(Equal(start, stages[0].Model));
        Assert.IsFalse(Equal(start, stages[1].Model));
        Assert.AreSame(stages[1].Model, stages[1].Handle.First);
        Assert.HasCount(1, ((IEnumerable<ITransformer>)model.CompactViT()).ToList());
    }

    [TestMethod]
    public void Fit_FromAFile_TakesItsWeightsAndPlan()
    {
        var ml = new MLContext(seed: 1);
        using var start = TinyData.Model();
        using var folder = new TempFolder();
        Checkpoints.ModelFile.Save(start, folder["m.safetensors"], extraMetadata: new Dictionary<string, string> { ["plan"] = "{}" });
        using var model = Untrained(ml, Labelled(ml, Rows(10)), new() { Weights = folder["m.safetensors"] });
        Assert.IsTrue(Equal(start, model.Model));
        Assert.AreEqual("{}", model.Plan);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Fit_InterruptedAndResumed_GivesTheUninterruptedWeights(bool damaged)
    {
        var ml = new MLContext(seed: 1);
        var warnings = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning) warnings.Add(e.RawMessage);
        };
        using var folder = new TempFolder();
        var data = Labelled(ml, Rows(60));
        var recipe = FromScratch(epochs: 4);
        var run = recipe with { WorkspacePath = folder["run"] };
        using var whole = ml.MulticlassClassification.Trainers.VisionTransformer(recipe).Fit(data);
        using var cancellation = new CancellationTokenSource();
        int steps = 0;
        var interrupted = run with
        {
            CancellationToken = cancellation.Token,
            Progress = new Direct<TrainingProgress>(_ =>
            {
                if (++steps == 8) cancellation.Cancel();
            }),
        };
        using (ml.MulticlassClassification.Trainers.VisionTransformer(interrupted).Fit(data))
        {
        }
        var refused = Assert.ThrowsExactly<InvalidOperationException>(() => ml.MulticlassClassification.Trainers.VisionTransformer(run).Fit(data));
        StringAssert.Contains(refused.Message, "esume");
        if (damaged) File.WriteAllBytes(folder["run/checkpoint.safetensors"], new byte[100]);
        using var resumed = ml.MulticlassClassification.Trainers.VisionTransformer(run with { Resume = true }).Fit(data);
        Assert.AreEqual(damaged ? 6 : 8, resumed.Training!.ResumedFromStep);    // an epoch has 6 steps
        Assert.AreEqual(damaged, warnings.Any(w => w.Contains("checkpoint.safetensors", StringComparison.Ordinal)));
        Assert.IsTrue(Equal(whole.Model, resumed.Model));
    }

    [TestMethod]
    public void Fit_WithImagesInATemporaryFile_GivesTheSameWeights_AndLeavesNoFile()
    {
        using var folder = new TempFolder();
        var ml = new MLContext(seed: 1) { TempFilePath = folder.Path };
        var data = Labelled(ml, Rows(30));
        using var inMemory = ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch()).Fit(data);
        using var spilled = ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch() with { ImageMemoryBytes = 1000 }).Fit(data);
        Assert.IsTrue(Equal(inMemory.Model, spilled.Model));
        Assert.HasCount(0, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Fit_LeavesNoTensorBehind()
    {
        var ml = new MLContext(seed: 1);
        var data = Labelled(ml, Rows(30));
        var estimator = ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch());
        estimator.Fit(data).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        estimator.Fit(data).Dispose();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void CrossValidate_TrainsAModelPerFold()
    {
        var ml = new MLContext(seed: 1);
        var trainer = ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch(epochs: 6));
        var folds = ml.MulticlassClassification.CrossValidate(Labelled(ml, Rows(240)), trainer, numberOfFolds: 2);
        foreach (var fold in folds) Assert.IsGreaterThan(0.4, fold.Metrics.MicroAccuracy);
    }

    [TestMethod]
    public void Fit_OnAGpuThatIsNotThere_FallsBackOrRefuses()
    {
        if (torch.cuda.is_available()) Assert.Inconclusive("a GPU is there");
        var ml = new MLContext(seed: 1);
        var data = Labelled(ml, Rows(10));
        var options = FromScratch() with { GpuDeviceId = 0 };
        Assert.ThrowsExactly<InvalidOperationException>(() => ml.MulticlassClassification.Trainers.VisionTransformer(options with { FallbackToCpu = false }).Fit(data));
        using var model = ml.MulticlassClassification.Trainers.VisionTransformer(options with { FallbackToCpu = true }).Fit(data);
        Assert.AreEqual(DeviceType.CPU, model.Model.parameters().First().device_type);
    }

    [TestMethod]
    public void NumbersAsLabels_BecomeClassNames()
    {
        var ml = new MLContext(seed: 1);
        var rows = Rows(10);
        var data = ml.Transforms.Conversion.MapValueToKey("Label", "Id").Fit(ml.Data.LoadFromEnumerable(rows)).Transform(ml.Data.LoadFromEnumerable(rows));
        using var model = Untrained(ml, data, new() { Configuration = Configuration });
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(i => $"{i}").ToArray(), model.Model.Configuration.LabelNames!.ToArray());
    }

    internal static bool Equal(VisionModel a, VisionModel b)
    {
        var other = b.state_dict();
        return a.state_dict().All(entry => entry.Value.shape.SequenceEqual(other[entry.Key].shape) && entry.Value.allclose(other[entry.Key], 0, 0));
    }

    internal static List<float[]> Scores(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("Score")];

    // A fit that is cancelled before it begins shows what a training would begin with.
    private static ViTScoringTransformer Untrained(MLContext ml, IDataView data, VisionTransformerTrainer.Options options) =>
        ml.MulticlassClassification.Trainers.VisionTransformer(options with { CancellationToken = new CancellationToken(canceled: true) }).Fit(data);
}

/// <summary>Progress that is called on the thread that reports.</summary>
internal sealed class Direct<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
