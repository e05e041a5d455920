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
        Assert.IsLessThanOrEqualTo(3, report.Reports);
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

    private sealed class Countdown(int steps, CancellationTokenSource cancel) : IProgress<double>
    {
        public int Reports { get; private set; }

        public void Report(double value)
        {
            if (++Reports == steps) cancel.Cancel();
        }
    }
}
