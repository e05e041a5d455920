using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Tests.Checkpoints;
using static MLNet.ViTPruning.Tests.PatchSkipping.SkipTrainingFixture;

namespace MLNet.ViTPruning.Tests.PatchSkipping.Calibration;

[TestClass]
public sealed class SkipTimeBudgetTests
{
    // Time itself is never asserted: the folder stands for what a machine measured.
    [TestMethod]
    public void AResumedRun_KeepsWhatItsFirstStartMeasured()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "time-target.json");
        File.WriteAllText(file, """{"timeSaved":0.1,"measuredTimeSaved":0.12,"macsSaved":0.2,"batchSize":4}""");
        var job = Job() with { TimeSaved = 0.1, TimedBatchSize = 4, RunFolder = folder.Path, Resume = true };
        using var model = Model();
        var result = PatchSkipTrainer.Run(model, job);
        Assert.AreEqual(new SkipTimeTarget(0.1, 0.12, 0.2, 4), result.TimeTarget);
        Assert.AreEqual(0.2, result.Calibration!.Target);
        using var other = Model();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => PatchSkipTrainer.Run(other, job with { TimeSaved = 0.3 })).Message, "TimeSaved 0.1");
        File.WriteAllText(file, "{");
        Assert.ThrowsExactly<InvalidDataException>(() => PatchSkipTrainer.Run(other, job));
    }

    // A machine on which a quarter of the saved multiply-adds is no time.
    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.07)]
    [DataRow(0.5)]
    public void Search_FindsTheLeastMultiplyAddsThatSaveTheTime(double timeSaved)
    {
        var asked = new List<double>();
        var found = SkipTimeBudget.Search(timeSaved, 0.7, 8, macs => { asked.Add(macs); return 0.75 * macs; }, "a model");
        Assert.IsGreaterThanOrEqualTo(timeSaved, found.MeasuredTimeSaved);
        Assert.AreEqual(0.75 * found.MacsSaved, found.MeasuredTimeSaved, 1e-12);
        Assert.IsLessThan(timeSaved / 0.75 + 0.7 / 64, found.MacsSaved);
        Assert.AreEqual((timeSaved, 8), (found.TimeSaved, found.BatchSize));
        Assert.IsTrue(asked.All(macs => macs is > 0 and <= 0.7));
    }

    [TestMethod]
    [DataRow(PatchSkipMethod.Learned)]
    [DataRow(PatchSkipMethod.Merging)]
    public void Find_OutOfReach_SaysTheMost_AndLeavesTheModelAsItWas(PatchSkipMethod method)
    {
        using var model = Model(method);
        var before = model.Configuration;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SkipTimeBudget.Find(model, 0.9999, 2)).Message, "at most");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SkipTimeBudget.Find(model, 0, 0)).Message, "batchSize is 0");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => SkipTimeBudget.Find(model, 0.1, 2, stop.Token));
        Assert.AreEqual(before, model.Configuration);
        var job = Job(saved: 0.2) with { TimeSaved = 0.1, TimedBatchSize = 0 };
        string message = Assert.ThrowsExactly<ArgumentException>(() => PatchSkipTrainer.Run(model, method == PatchSkipMethod.Learned ? job : job with { Stages = PatchSkipStages.ScorersThenBackbone })).Message;
        foreach (string fault in (string[])["set one of them", "TimedBatchSize is 0"]) StringAssert.Contains(message, fault);
    }
}
