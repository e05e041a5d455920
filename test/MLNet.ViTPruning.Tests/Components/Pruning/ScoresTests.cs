using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Pruning.Unified;
using static MLNet.ViTPruning.Tests.Components.TinyData;

namespace MLNet.ViTPruning.Tests.Components.Pruning;

[TestClass]
public sealed class ScoresTests
{
    [TestMethod]
    [DataRow(ImportanceKind.Auto)]
    [DataRow(ImportanceKind.Fisher)]
    [DataRow(ImportanceKind.Taylor)]
    public void Score_ThenFit_UsesTheSavedScores_AlsoForFewerComponents(ImportanceKind kind)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        using var scorer = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        var scored = scorer.Transform(data);
        string path = Path.Combine(Path.GetTempPath(), $"scores-{Guid.NewGuid():N}.json");
        try
        {
            var told = new Estimates();
            var options = new UnifiedPruningOptions { Importance = kind, EmbedKeepRatio = 0.5, ScoresPath = path, Estimate = told };
            var scores = ml.Transforms.PruneViT(options).Score(scored);
            Assert.HasCount(kind == ImportanceKind.Auto ? 2 : 1, told.Values);
            Assert.HasCount(1, scores.Embed);
            Assert.HasCount(5, scores.Stability);

            using var pruned = ml.Transforms.PruneViT(options).Fit(scored);
            Assert.HasCount(kind == ImportanceKind.Auto ? 2 : 1, told.Values, "nothing is scored again");
            foreach (var (a, b) in scores.Mlp.Zip(pruned.Pruning!.Scores!.Mlp)) CollectionAssert.AreEqual(a, b);
            using var fresh = ml.Transforms.PruneViT(options with { ScoresPath = null, Estimate = null }).Fit(scored);
            Assert.AreEqual(fresh.Plan, pruned.Plan);

            using var wide = ml.Transforms.PruneViT(options with { EmbedKeepRatio = 1, ExactImagePasses = kind == ImportanceKind.Auto ? 0 : options.ExactImagePasses }).Fit(scored);
            Assert.AreEqual(16, wide.Model.Configuration.NumFeatures);
            Assert.HasCount(kind == ImportanceKind.Auto ? 2 : 1, told.Values, "the same scores without those of the residual channels");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Estimates : IProgress<ScoringEstimate>
    {
        public List<ScoringEstimate> Values { get; } = [];

        public void Report(ScoringEstimate value) => Values.Add(value);
    }
}
