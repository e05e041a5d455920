using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class ChainTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    public void ModelOnScore_ReachesALaterEstimator_ThroughChainCacheAndCopy()
    {
        var later = new ProbeEstimator("later", 2);
        var model = Ml.Transforms.CopyColumns("Copy", "Id")
            .Append(new ProbeEstimator("first", 1))
            .AppendCacheCheckpoint(Ml)
            .Append(later)
            .Append(Ml.Transforms.CopyColumns("Kept", "Score"))
            .Fit(new ProbeDataView(3));
        Assert.AreEqual("first", later.Upstream?.Name);

        ProbeModel? found = null;
        model.GetOutputSchema(new ProbeDataView(1).Schema)["Kept"].Annotations.GetValue("Probe", ref found!);
        Assert.AreEqual("later", found.Name);
    }

    [TestMethod]
    public void AnnotationOfAnOwnType_ShowsInTheShape()
    {
        IEstimator<ITransformer> chain = new ProbeEstimator("a", 1).Append(Ml.Transforms.CopyColumns("Kept", "Score"));
        var shape = chain.GetOutputSchema(chain.GetOutputSchema(ShapeOf(new ProbeDataView(1))));
        var kept = shape.Single(c => c.Name == "Kept");
        Assert.AreEqual("Probe", kept.Annotations.Single().Name);
        Assert.IsTrue(ProbeModelType.Instance.Equals(kept.Annotations.Single().ItemType));
        Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, kept.Kind);
    }

    // The shape of data is not public: an estimator that is fitted in a chain is shown it.
    private static SchemaShape ShapeOf(IDataView data)
    {
        var spy = new Spy();
        spy.Append(spy).Fit(data);
        return spy.Shape!;
    }

    private sealed class Spy : IEstimator<ITransformer>
    {
        public SchemaShape? Shape { get; private set; }
        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();
        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shape = inputSchema;
    }

    [TestMethod]
    public void ScoringStagesInARow_OnlyTheLastIsEvaluated()
    {
        var data = new ProbeDataView(4);
        var model = new ProbeEstimator("1", 1).Append(new ProbeEstimator("2", 2)).Append(new ProbeEstimator("3", 3)).Fit(data);
        var scorers = model.Cast<ProbeScorer>().ToArray();
        var rows = Ml.Data.CreateEnumerable<ScoreRow>(model.Transform(data), reuseRowObject: false).ToArray();
        CollectionAssert.AreEqual(new[] { 2f, 5f }, rows[2].Score);
        CollectionAssert.AreEqual(new[] { 0, 0, 4 }, scorers.Select(s => s.Forwards).ToArray());

        using var engine = Ml.Model.CreatePredictionEngine<IdRow, ScoreRow>(model, new PredictionEngineOptions { OwnsTransformer = false });
        CollectionAssert.AreEqual(new[] { 7f, 10f }, engine.Predict(new IdRow { Id = 7 }).Score);
        CollectionAssert.AreEqual(new[] { 0, 0, 5 }, scorers.Select(s => s.Forwards).ToArray());
    }

    [TestMethod]
    public void Chain_CanBeEnumeratedAndConstructed()
    {
        var data = new ProbeDataView(2);
        var model = new ProbeEstimator("1", 1).Append(new ProbeEstimator("2", 2)).Fit(data);
        Assert.AreEqual("2", model.LastTransformer.Model.Name);
        var shorter = new TransformerChain<ITransformer>([.. model.Skip(1)]);
        Assert.AreEqual("2", ((ProbeScorer)shorter.LastTransformer).Model.Name);
        CollectionAssert.AreEqual(new[] { 1f, 3f }, shorter.Transform(data).GetColumn<float[]>("Score").Last());
        var scoped = new TransformerChain<ITransformer>(model, [TransformerScope.Training, TransformerScope.Everything]);
        Assert.AreEqual(1, scoped.GetModelFor(TransformerScope.Scoring).Count());
        Assert.AreEqual(2, scoped.GetModelFor(TransformerScope.Training).Count());
        Assert.Throws<Exception>(() => new TransformerChain<ITransformer>(model, [TransformerScope.Everything]));
        Assert.AreEqual(0, new TransformerChain<ITransformer>().Count());
        Assert.AreSame(data, new TransformerChain<ITransformer>().Transform(data));
    }

    [TestMethod]
    public void Append_FlattensChains_ButNotThoseWithinATransformer()
    {
        var flat = new ProbeEstimator("1", 1).Append(new ProbeEstimator("2", 2)).Append(new ProbeEstimator("3", 3)).Fit(new ProbeDataView(1));
        Assert.AreEqual(3, flat.Count());
        var nested = new TransformerChain<ITransformer>(flat).Append(new ProbeScorer(new("4"), 4, "Id"));
        Assert.AreEqual(2, nested.Count());
        Assert.AreSame(flat, nested.First());
    }

    [TestMethod]
    public void Fit_ChecksTheShapeBeforeAnyStageIsFitted()
    {
        var first = new ProbeEstimator("1", 1);
        var chain = first.Append(new ProbeEstimator("2", 2, input: "Nowhere"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(new ProbeDataView(2)));
        Assert.AreEqual(0, first.Fits);
    }

    [TestMethod]
    public void WithOnFitDelegate_HandsOverTheTransformer()
    {
        ProbeScorer? seen = null;
        var model = Ml.Transforms.CopyColumns("Copy", "Id").Append(new ProbeEstimator("1", 1).WithOnFitDelegate(t => seen = t)).Fit(new ProbeDataView(2));
        Assert.AreSame(model.Last(), seen);
    }

    [TestMethod]
    public void Dispose_ReachesTheStages()
    {
        var model = new ProbeEstimator("1", 1).Append(new ProbeEstimator("2", 2)).Fit(new ProbeDataView(2));
        model.Dispose();
        CollectionAssert.AreEqual(new[] { 1, 1 }, model.Cast<ProbeScorer>().Select(s => s.Disposals).ToArray());
    }

    [TestMethod]
    public void MissingInputColumn_IsSaidByName()
    {
        var fault = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Ml.Transforms.CopyColumns("Copy", "Nowhere").Fit(new ProbeDataView(1)));
        StringAssert.Contains(fault.Message, "Nowhere");
    }
}
