using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Evaluation;

[TestClass]
public class CrossValidateTests
{
    [TestMethod]
    public void Folds_AreDisjoint_AndTogetherEveryRow()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Rows());

        var results = ml.MulticlassClassification.CrossValidate(data, ml.Transforms.CopyColumns("Again", "Id"), numberOfFolds: 4);

        Assert.HasCount(4, results);
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3 }, results.Select(r => r.Fold).ToArray());
        var ids = results.SelectMany(r => r.ScoredHoldOutSet.GetColumn<float>("Again")).ToArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).Select(i => (float)i).ToArray(), ids.Order().ToArray());
        foreach (var result in results)
        {
            var rows = ml.Data.CreateEnumerable<Row>(result.ScoredHoldOutSet, reuseRowObject: false).ToArray();
            Assert.AreEqual(rows.Count(r => r.Score[0] > 0.5f == (r.Label == 1)) / (double)rows.Length, result.Metrics.MicroAccuracy, 1e-9);
            Assert.IsNotNull(result.Model);
        }
    }

    [TestMethod]
    public void RowsOfOneSamplingKey_StayTogether()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Rows());

        var results = ml.MulticlassClassification.CrossValidate(data, ml.Transforms.CopyColumns("Again", "Id"), numberOfFolds: 3, samplingKeyColumnName: "Group");

        var folds = results.Select(r => r.ScoredHoldOutSet.GetColumn<string>("Group").Distinct().ToArray()).ToArray();
        Assert.AreEqual(20, folds.Sum(f => f.Length));
        Assert.AreEqual(20, folds.SelectMany(f => f).Distinct().Count());
    }

    // Keys come out 1-based: label 1 is the first class.
    private static Row[] Rows() => [.. Enumerable.Range(0, 200).Select(i => new Row
    {
        Id = i,
        Group = $"g{i % 20}",
        Label = (uint)(i % 2),
        PredictedLabel = (uint)(i % 3 == 0 ? 0 : 1),
        Score = i % 3 == 0 ? [0.9f, 0.1f] : [0.2f, 0.8f],
    })];

    private sealed class Row
    {
        public float Id { get; set; }
        public string Group { get; set; } = "";
        [KeyType(2)] public uint Label { get; set; }
        [KeyType(2)] public uint PredictedLabel { get; set; }
        [VectorType(2)] public float[] Score { get; set; } = [];
    }
}
