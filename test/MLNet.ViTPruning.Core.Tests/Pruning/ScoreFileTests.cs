using MLNet.ViTPruning.Pruning.Unified;
using MLNet.ViTPruning.Tests.Checkpoints;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class ScoreFileTests
{
    [TestMethod]
    [DataRow(ImportanceKind.Auto)]
    [DataRow(ImportanceKind.Exact)]
    public void Score_ThatIsCancelledAgainAndAgain_EndsWithTheScoresOfAnUninterruptedRun(ImportanceKind kind)
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 9);
        var proxies = new ProxyTensor(images);
        var options = new UnifiedPruningOptions { BatchSize = 4, ExactImages = 9, ExactImagePasses = 9 * 40 };
        var expected = Importances.Of(kind).Score(model, proxies, new ScoringRequest(options, 2));

        var path = Path.Combine(folder.Path, "scores.json");
        int attempts = 0;
        ChannelScores? scores = null;
        for (var random = new Random(5); scores is null; attempts++)
        {
            using var cancel = new CancellationTokenSource();
            int steps = random.Next(1, 12);
            var interrupted = options with { ScoresPath = path, CancellationToken = cancel.Token, Progress = new Countdown(steps, cancel) };
            try
            {
                scores = Importances.Of(kind).Score(model, proxies, new ScoringRequest(interrupted, 2));
            }
            catch (OperationCanceledException)
            {
                Assert.IsLessThan(200, attempts);
            }
        }
        Assert.IsGreaterThan(2, attempts);
        foreach (var (a, b) in expected.Attention.Concat(expected.Mlp).Zip(scores.Attention.Concat(scores.Mlp))) CollectionAssert.AreEqual(a, b);

        // Complete scores are not computed again.
        var report = new Countdown(int.MaxValue, new CancellationTokenSource());
        Importances.Of(kind).Score(model, proxies, new ScoringRequest(options with { ScoresPath = path, Progress = report }, 2));
        Assert.IsLessThanOrEqualTo(4, report.Reports);
    }

    [TestMethod]
    public void Score_WithAFileOfOtherWeightsOrImages_SaysSo()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Vit();
        using var other = TinyModels.Vit(seed: 2);
        using var images = TinyModels.Images(model, 4);
        using var otherImages = TinyModels.Images(model, 4, seed: 8);
        var request = new ScoringRequest(new UnifiedPruningOptions { ScoresPath = Path.Combine(folder.Path, "scores.json") }, 2);
        var fisher = new FisherImportance();
        fisher.Score(model, new ProxyTensor(images), request);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => fisher.Score(other, new ProxyTensor(images), request)).Message, "scores of other weights;");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => fisher.Score(model, new ProxyTensor(otherImages), request with { Seed = 3 })).Message, "images and seed;");
        File.WriteAllText(request.Options.ScoresPath!, "{\"weightsHash\":\"");
        Assert.ThrowsExactly<InvalidDataException>(() => fisher.Score(model, new ProxyTensor(images), request));
    }

    [TestMethod]
    [DataRow(ImportanceKind.Fisher)]
    [DataRow(ImportanceKind.Taylor)]
    public void Score_GoesOnBehindTheLastBatchThatWasDone(ImportanceKind kind)
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 9);
        var proxies = new ProxyTensor(images, [0, 1, 2, 3, 4, 0, 1, 2, 3]);
        var options = new UnifiedPruningOptions { BatchSize = 2, ScoresPath = Path.Combine(folder.Path, "scores.json") };
        var expected = Importances.Of(kind).Score(model, proxies, new ScoringRequest(options with { ScoresPath = null }, 2));
        using var cancel = new CancellationTokenSource();
        var interrupted = options with { CancellationToken = cancel.Token, Progress = new Countdown(3, cancel) };
        Assert.ThrowsExactly<OperationCanceledException>(() => Importances.Of(kind).Score(model, proxies, new ScoringRequest(interrupted, 2)));
        StringAssert.Contains(File.ReadAllText(options.ScoresPath!), "\"batches\":3");
        var scores = Importances.Of(kind).Score(model, proxies, new ScoringRequest(options, 2));
        foreach (var (a, b) in expected.Attention.Concat(expected.Mlp).Zip(scores.Attention.Concat(scores.Mlp))) CollectionAssert.AreEqual(a, b);
    }

    [TestMethod]
    public void Score_OfEveryImportance_IsSavedUsedAgainAndRefusedToOthers()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 4);
        using var otherImages = TinyModels.Images(model, 4, seed: 8);
        var (proxies, others) = (new ProxyTensor(images, [0, 1, 2, 3]), new ProxyTensor(otherImages, [0, 1, 2, 3]));
        string Path(ImportanceKind kind) => System.IO.Path.Combine(folder.Path, $"{kind}.json");
        ChannelScores Score(ImportanceKind kind, string path, ulong seed = 2, ProxyTensor? with = null) =>
            Importances.Of(kind).Score(model, with ?? proxies, new ScoringRequest(new UnifiedPruningOptions { ExactImages = 4, ExactImagePasses = 80, ScoresPath = path }, seed));
        foreach (var kind in Enum.GetValues<ImportanceKind>())
        {
            var first = Score(kind, Path(kind));
            var saved = File.GetLastWriteTimeUtc(Path(kind));
            var second = Score(kind, Path(kind));
            foreach (var (a, b) in first.Attention.Concat(first.Mlp).Zip(second.Attention.Concat(second.Mlp))) CollectionAssert.AreEqual(a, b);
            Assert.AreEqual(saved, File.GetLastWriteTimeUtc(Path(kind)), "nothing was scored again");
            StringAssert.Contains(File.ReadAllText(Path(kind)), kind == ImportanceKind.Auto ? "\"exact\":{" : $"\"{kind.ToString().ToLowerInvariant()}\":{{");
        }
        foreach (var asked in Enum.GetValues<ImportanceKind>())
            foreach (var made in Enum.GetValues<ImportanceKind>())
                if (asked != made && (asked, made) is not ((ImportanceKind.Auto, ImportanceKind.Fisher) or (ImportanceKind.Fisher, ImportanceKind.Auto)))
                    StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Score(asked, Path(made))).Message, $"of importance '{made.ToString().ToLowerInvariant()}', not");

        // Neither looks at images, and sizes of weights are not drawn.
        Score(ImportanceKind.Magnitude, Path(ImportanceKind.Magnitude), seed: 3, with: others);
        Score(ImportanceKind.Random, Path(ImportanceKind.Random), with: others);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Score(ImportanceKind.Random, Path(ImportanceKind.Random), seed: 3)).Message, "other seed");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Score(ImportanceKind.Taylor, Path(ImportanceKind.Taylor), with: new ProxyTensor(images, [0, 1, 2, 4]))).Message, "other images");
        // The estimate's file becomes that of both.
        Score(ImportanceKind.Auto, Path(ImportanceKind.Fisher));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Score(ImportanceKind.Exact, Path(ImportanceKind.Fisher))).Message, "of importance 'auto', not");
    }

    [TestMethod]
    public void Score_OfOtherSettingsOrChannels_IsRefused_AndTheFileStaysWhatItWas()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 4);
        var proxies = new ProxyTensor(images);
        var options = new UnifiedPruningOptions { ScoresPath = Path.Combine(folder.Path, "scores.json"), FisherDraws = 2 };
        var fisher = new FisherImportance();
        fisher.Score(model, proxies, new ScoringRequest(options, 2));
        var before = File.ReadAllBytes(options.ScoresPath!);
        string Message(UnifiedPruningOptions other) => Assert.ThrowsExactly<ArgumentException>(() => fisher.Score(model, proxies, new ScoringRequest(other, 2))).Message;
        StringAssert.Contains(Message(options with { FisherDraws = 3 }), "draws 2, images 4");
        StringAssert.Contains(Message(options with { EmbedKeepRatio = 0.5 }), "of other channels: 4 of the 5 groups");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(options.ScoresPath!));
    }

    [TestMethod]
    [DataRow(ImportanceKind.Exact, 40)]
    [DataRow(ImportanceKind.Fisher, 3)]
    public void Score_ThatGoesOn_TellsHowFarItIsAndWhatIsLeft(ImportanceKind kind, int reports)
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 8);
        var proxies = new ProxyTensor(images);
        var (first, second) = (new Reports<ScoringEstimate>(), new Reports<ScoringEstimate>());
        using var cancel = new CancellationTokenSource();
        var told = new Reports<double>(() => cancel.Cancel(), reports);
        var options = new UnifiedPruningOptions { BatchSize = 2, ScoresPath = Path.Combine(folder.Path, "scores.json"), CancellationToken = cancel.Token, Progress = told, Estimate = first };
        Assert.ThrowsExactly<OperationCanceledException>(() => Importances.Of(kind).Score(model, proxies, new ScoringRequest(options, 2)));
        var rest = new Reports<double>();
        Importances.Of(kind).Score(model, proxies, new ScoringRequest(options with { CancellationToken = default, Progress = rest, Estimate = second }, 2));
        Assert.IsTrue(rest.Values.Zip(rest.Values.Skip(1)).All(pair => pair.First <= pair.Second));
        Assert.AreEqual(1, rest.Values[^1], 1e-9);
        // What was done before is told, in the same steps, before anything is computed.
        CollectionAssert.IsSubsetOf(told.Values.Select(value => Math.Round(value, 9)).Where(value => value == Math.Round(told.Values[^1], 9)).ToList(), rest.Values.Select(value => Math.Round(value, 9)).ToList());
        Assert.HasCount(1, second.Values);
    }

    private sealed class Reports<T>(Action? then = null, int after = int.MaxValue) : IProgress<T>
    {
        public List<T> Values { get; } = [];

        public void Report(T value)
        {
            Values.Add(value);
            if (Values.Count == after) then!();
        }
    }

    private sealed class Countdown(int steps, CancellationTokenSource cancel) : IProgress<double>
    {
        public int Reports { get; private set; }

        public void Report(double value)
        {
            if (++Reports == steps) cancel.Cancel();
        }
    }
}
