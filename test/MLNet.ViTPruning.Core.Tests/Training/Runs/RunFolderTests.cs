using System.Text.Json;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Tests.Models;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;
using MLNet.ViTPruning.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training.Runs;

[TestClass]
public sealed class RunFolderTests
{
    private static readonly TrainingMetrics First = new(1, 10, 1e-3, 2.5, 2.25, 12.5, 100, 0.125, 0, 1.5);
    private static readonly TrainingMetrics Second = new(2, 20, 5e-4, 2, null, null, 101.5, 0, 1, 1.25);

    [TestMethod]
    public void OneTrainingAtATime()
    {
        using var folder = new TemporaryFolder();
        using (new RunFolder(folder.Path, resume: false))
        {
            var fault = Assert.ThrowsExactly<IOException>(() => new RunFolder(folder.Path, resume: true));
            StringAssert.Contains(fault.Message, folder.Path);
        }
        using var next = new RunFolder(folder.Path, resume: false);
    }

    [TestMethod]
    [DataRow(CheckpointStore.NewestName)]
    [DataRow(CheckpointStore.PreviousName)]
    [DataRow(RunFolder.BestName)]
    [DataRow(RunFolder.MetricsName)]
    public void WithoutResumeAFolderThatHoldsARunIsRefusedAndUntouched(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), "something");
        var fault = Assert.ThrowsExactly<InvalidOperationException>(() => new RunFolder(folder.Path, resume: false));
        StringAssert.Contains(fault.Message, name);
        StringAssert.Contains(fault.Message, "Resume");
        Assert.AreEqual("something", File.ReadAllText(folder.File(name)));
        using var resumed = new RunFolder(folder.Path, resume: true);
    }

    [TestMethod]
    public void SaveEpochs_OfFewerEpochsAfterAResumption_CutsTheRowsBeyond()
    {
        using var folder = new TemporaryFolder();
        using var run = new RunFolder(folder.Path, resume: false);
        run.SaveEpochs([First, Second]);
        const string Header = "epoch,step,learningRate,trainLoss,validationLoss,validationAccuracy,imagesPerSecond,inputWaitShare,skippedSteps,seconds\n";
        Assert.AreEqual(Header + "1,10,0.001,2.5,2.25,12.5,100,0.125,0,1.5\n2,20,0.0005,2,,,101.5,0,1,1.25\n", File.ReadAllText(folder.File(RunFolder.MetricsName)));
        StringAssert.StartsWith(File.ReadAllText(folder.File(RunFolder.CurvesName)), "<svg");
        run.SaveEpochs([First]);
        Assert.AreEqual(Header + "1,10,0.001,2.5,2.25,12.5,100,0.125,0,1.5\n", File.ReadAllText(folder.File(RunFolder.MetricsName)));
    }

    [TestMethod]
    public void SaveBest_WritesAnOrdinaryModelFileAndLeftoversGo()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File($".{RunFolder.BestName}.{Guid.NewGuid():N}.tmp"), "left");
        using var model = VisionModel.Create(SmallModels.Vit(), 3);
        using (var run = new RunFolder(folder.Path, resume: false)) run.SaveBest(model);
        using var loaded = ModelFile.Load(folder.File(RunFolder.BestName));
        foreach (var (expected, actual) in model.parameters().Zip(loaded.parameters())) Assert.IsTrue(expected.bytes.SequenceEqual(actual.bytes));
        CollectionAssert.AreEquivalent(new[] { RunFolder.BestName, RunFolder.LockName }, Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)).ToArray());
    }

    [TestMethod]
    public void Report_SaysWhatWasAskedForAndWhatItRanOn()
    {
        using var folder = new TemporaryFolder();
        using var model = VisionModel.Create(SmallModels.Vit(), 3);
        var options = new TrainingOptions
        {
            EmaDecay = 0.99,
            Augmentation = AugmentationOptions.CifarStrong,
            EarlyStopping = new EarlyStopping(3),
            Precision = ComputePrecision.BFloat16,
            Progress = new Progress<TrainingProgress>(),
            MetricsCallback = _ => { },
            CancellationToken = new CancellationTokenSource().Token,
        };
        var result = new TrainingResult
        {
            End = TrainingEnd.EarlyStopped,
            Epochs = [First, Second with { TrainLoss = double.NaN }],
            BestEpoch = 1,
            Steps = 20,
            SkippedSteps = 1,
            ComputedIn = ComputePrecision.Float32,
            Elapsed = TimeSpan.FromSeconds(90.5),
            CpuTime = TimeSpan.FromSeconds(170),
            PeakMemoryBytes = 1L << 33,
            InputWaitShare = 0.25,
            ResumedFromStep = 7,
            Warnings = ["one"],
        };
        using (var run = new RunFolder(folder.Path, resume: false)) run.SaveReport(RunReport.Of(model, options, result));

        using var json = JsonDocument.Parse(File.ReadAllBytes(folder.File(RunFolder.ReportName)));
        var root = json.RootElement;
        Assert.AreEqual("earlyStopped", root.GetProperty("end").GetString());
        Assert.AreEqual(90.5, root.GetProperty("elapsedSeconds").GetDouble());
        Assert.AreEqual(1L << 33, root.GetProperty("peakMemoryBytes").GetInt64());
        Assert.AreEqual("fp32", root.GetProperty("computedIn").GetString());
        Assert.AreEqual("cpu", root.GetProperty("device").GetString());
        Assert.AreEqual(get_num_threads(), root.GetProperty("threads").GetInt32());
        StringAssert.StartsWith(root.GetProperty("stack").GetString(), "TorchSharp");
        Assert.AreEqual(12.5, root.GetProperty("epochs")[0].GetProperty("validationAccuracy").GetDouble());
        var recipe = root.GetProperty("options");
        Assert.AreEqual(0.99, recipe.GetProperty("emaDecay").GetDouble());
        Assert.AreEqual(0.5, recipe.GetProperty("augmentation").GetProperty("cutMix").GetProperty("probability").GetDouble());
        Assert.AreEqual(3, recipe.GetProperty("earlyStopping").GetProperty("patience").GetInt32());
        foreach (string callback in (string[])["progress", "metricsCallback", "cancellationToken"]) Assert.IsFalse(recipe.TryGetProperty(callback, out _), callback);
    }
}
