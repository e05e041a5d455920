using System.Diagnostics;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training.Runs;

/// <summary>A training that is killed again and again ends as one that never was.</summary>
[TestClass]
public sealed class KillTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow("vit", 20)]
    [DataRow("swin", 10)]
    public void ATrainingKilledAgainAndAgain_EndsWithTheLossesAndWeightsOfOneThatWasNot(string family, int kills)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("VITPRUNING_KILL_SEED"), out int given) ? given : Random.Shared.Next(1_000_000);
        var clock = Stopwatch.StartNew();
        using var whole = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        using var uninterrupted = new ChildTraining(family, whole.Path);
        var reference = Task.Run(uninterrupted.Finish);

        int hitWrites = KillAgainAndAgain(family, killed.Path, kills, new Random(seed));
        if (!OperatingSystem.IsWindows()) EndForWantOfRoom(family, killed.Path);
        using var last = new ChildTraining(family, killed.Path);
        var end = last.Finish();

        TestContext.WriteLine($"{family}: seed {seed}, {kills} kills, {hitWrites} of them while a checkpoint was written, {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.AreEqual(0, end.Code, end.Text);
        Assert.AreEqual(0, reference.Result.Code, reference.Result.Text);
        AssertLossesEqual(ChildTraining.LogOf(whole.Path), ChildTraining.LogOf(killed.Path), seed);
        Assert.IsTrue(Equal(whole, killed, ChildTraining.WeightsOf), $"Other weights with seed {seed}.");
        Assert.IsTrue(Equal(whole, killed, folder => Path.Combine(ChildTraining.RunOf(folder), RunFolder.BestName)), $"Another best model with seed {seed}.");
        CollectionAssert.AreEqual(Metrics(whole.Path), Metrics(killed.Path), $"Other metrics with seed {seed}.");
        Assert.IsEmpty(Directory.GetFiles(ChildTraining.RunOf(killed.Path), ".*.tmp"), "Temporary files were left.");
        if (family == "swin") AssertMasksHold(Path.Combine(ChildTraining.RunOf(killed.Path), RunFolder.BestName));
    }

    /// <summary>The masks that the training began with, all weights under them zero.</summary>
    private static void AssertMasksHold(string path)
    {
        using var trained = ModelFile.Load(path);
        using var fresh = VisionModel.Create(trained.Configuration, 1);
        WeightPruner.PruneInPlace(fresh, new DimapOptions());
        Assert.HasCount(fresh.WeightMasks.Count, trained.WeightMasks);
        using var scope = NewDisposeScope();
        foreach (var (name, mask) in fresh.WeightMasks)
        {
            Assert.IsTrue(mask.eq(trained.WeightMasks[name]).all().ToBoolean(), name);
            Assert.IsTrue(trained.state_dict()[name][mask.logical_not()].eq(0).all().ToBoolean(), name);
        }
    }

    /// <summary>Half of the kills at any moment, half as soon as a checkpoint's temporary file is there.</summary>
    /// <returns>How many left a write half done.</returns>
    private static int KillAgainAndAgain(string family, string folder, int kills, Random random)
    {
        int hits = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            using var child = new ChildTraining(family, folder);
            for (int steps = random.Next(1, 5); steps > 0;)
            {
                string? line = child.ReadLine();
                if (line is null) Assert.Fail($"The training ended after {kill} of {kills} kills: {child.Finish()}");
                if (char.IsAsciiDigit(line[0])) steps--;
            }
            double delayMs = random.NextDouble() * 40;
            if (kill % 2 == 0) Thread.Sleep(TimeSpan.FromMilliseconds(delayMs));
            else
                while (!IsWriting(folder) && !child.HasEnded) Thread.SpinWait(100);
            child.Kill();
            if (IsWriting(folder)) hits++;
        }
        return hits;
    }

    /// <summary>A file may have 51 or 102 KB: the next checkpoint does not fit. The run must say so and lose nothing.</summary>
    private static void EndForWantOfRoom(string family, string folder)
    {
        string newest = Path.Combine(ChildTraining.RunOf(folder), CheckpointStore.NewestName), previous = Path.Combine(ChildTraining.RunOf(folder), CheckpointStore.PreviousName);
        byte[] good = File.ReadAllBytes(File.Exists(newest) ? newest : previous);
        using var child = new ChildTraining(family, folder, fileLimit: 100);
        var (code, text) = child.Finish();
        Assert.AreEqual(3, code, text);
        StringAssert.Contains(text, "IOException");
        StringAssert.Contains(text, CheckpointStore.NewestName);
        StringAssert.Contains(text, "intact");
        CollectionAssert.AreEqual(good, File.ReadAllBytes(File.Exists(newest) ? newest : previous));
        Assert.IsFalse(IsWriting(folder), "The half-written file was left.");
    }

    private static bool IsWriting(string folder) => Directory.EnumerateFiles(ChildTraining.RunOf(folder), $".{CheckpointStore.NewestName}.*.tmp").Any();

    /// <summary>Steps after the last checkpoint are done again: each time with the same bits.</summary>
    private static void AssertLossesEqual(string whole, string killed, int seed)
    {
        var expected = File.ReadAllLines(whole);
        var seen = new HashSet<string>(File.ReadAllLines(killed));
        string[] others = [.. seen.Except(expected)];
        Assert.IsEmpty(others, $"seed {seed}: {string.Join("; ", others.Take(3))} are no lines of the uninterrupted run.");
        string[] missing = [.. expected.Except(seen)];
        Assert.IsEmpty(missing, $"seed {seed}: {string.Join("; ", missing.Take(3))} are missing.");
    }

    private static bool Equal(TemporaryFolder whole, TemporaryFolder killed, Func<string, string> file) =>
        File.ReadAllBytes(file(whole.Path)).AsSpan().SequenceEqual(File.ReadAllBytes(file(killed.Path)));

    /// <summary>The table without its columns of time.</summary>
    private static string[] Metrics(string folder) =>
        [.. File.ReadAllLines(Path.Combine(ChildTraining.RunOf(folder), RunFolder.MetricsName)).Select(row => string.Join(',', row.Split(',').Where((_, i) => i is not (6 or 7 or 9))))];
}
