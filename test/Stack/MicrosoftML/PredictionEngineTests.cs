using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class PredictionEngineTests
{
    private sealed class Absent
    {
        public float[] Score { get; set; } = [];
        public string Missing { get; set; } = "untouched";
    }

    private static readonly MLContext Ml = new(seed: 1);

    private static ProbeScorer Scorer() => new(new("m"), 1, "Id");

    [TestMethod]
    public void Predict_RaisesThePosition()
    {
        var scorer = Scorer();
        using var engine = Ml.Model.CreatePredictionEngine<IdRow, ScoreRow>(scorer);
        for (int i = 0; i < 3; i++) CollectionAssert.AreEqual(new[] { 10f * i, 10f * i + 1 }, engine.Predict(new IdRow { Id = 10 * i }).Score);
        CollectionAssert.AreEqual(new[] { 1L, 1L }, scorer.Positions.Zip(scorer.Positions.Skip(1), (a, b) => b - a).ToArray());
    }

    [TestMethod]
    public void Predict_GivesEachObjectItsOwnValues()
    {
        using var engine = Ml.Model.CreatePredictionEngine<IdRow, ScoreRow>(Scorer());
        var first = engine.Predict(new IdRow { Id = 1 });
        var second = engine.Predict(new IdRow { Id = 2 });
        CollectionAssert.AreEqual(new[] { 1f, 2 }, first.Score);
        engine.Predict(new IdRow { Id = 3 }, ref second);
        CollectionAssert.AreEqual(new[] { 3f, 4 }, second.Score);
        CollectionAssert.AreEqual(new[] { 1f, 2 }, first.Score);
    }

    [TestMethod]
    public void MissingOutputColumns_AreIgnoredByDefault()
    {
        using var engine = Ml.Model.CreatePredictionEngine<IdRow, Absent>(Scorer());
        Assert.AreEqual("untouched", engine.Predict(new IdRow()).Missing);
        Assert.Throws<Exception>(() => Ml.Model.CreatePredictionEngine<IdRow, Absent>(Scorer(), ignoreMissingColumns: false));
    }

    [TestMethod]
    public void Dispose_DisposesTheTransformerThatItOwns()
    {
        var (owned, lent) = (Scorer(), Scorer());
        Ml.Model.CreatePredictionEngine<IdRow, ScoreRow>(owned).Dispose();
        Ml.Model.CreatePredictionEngine<IdRow, ScoreRow>(lent, new PredictionEngineOptions { OwnsTransformer = false }).Dispose();
        Assert.AreEqual(1, owned.Disposals);
        Assert.AreEqual(0, lent.Disposals);
    }

    [TestMethod]
    public void ManyEngines_OverOneTransformer_WorkAtOnce()
    {
        var scorer = Scorer();
        Parallel.For(0, 4, worker =>
        {
            using var engine = Ml.Model.CreatePredictionEngine<IdRow, ScoreRow>(scorer, new PredictionEngineOptions { OwnsTransformer = false });
            for (int i = 0; i < 500; i++) Assert.AreEqual(worker * 1000f + i, engine.Predict(new IdRow { Id = worker * 1000 + i }).Score[0]);
        });
        Assert.AreEqual(2000, scorer.Forwards);
    }

    [TestMethod]
    public void Chain_MakesAnEngine_AndEvaluatesOnlyWhatIsAskedFor()
    {
        var scorer = Scorer();
        var chain = new TransformerChain<ITransformer>(scorer, Ml.Transforms.CopyColumns("Copy", "Id").Fit(new ProbeDataView(1)));
        using var engine = Ml.Model.CreatePredictionEngine<IdRow, IdRow>(chain);
        Assert.AreEqual(5, engine.Predict(new IdRow { Id = 5 }).Id);
        Assert.AreEqual(0, scorer.Forwards);
        Assert.IsNotNull(engine.OutputSchema.GetColumnOrNull("Copy"));
    }
}
