using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Evaluation;

[TestClass]
public class MulticlassEvaluateTests
{
    private readonly MLContext _ml = new(seed: 1);

    // label, scores; best class: 0, 1, 0, 2, 0; rank of the label from 1: 1, 1, 2, 1, 3
    private static readonly Row[] Rows =
    [
        new(0, 0.7f, 0.2f, 0.1f),
        new(1, 0.1f, 0.6f, 0.3f),
        new(1, 0.5f, 0.4f, 0.1f),
        new(2, 0.05f, 0.15f, 0.8f),
        new(2, 0.6f, 0.3f, 0.1f),
    ];

    [TestMethod]
    public void Accuracies_AreThoseOfTheHand()
    {
        var metrics = Evaluate(Rows, topK: 3);
        Assert.AreEqual(3 / 5.0, metrics.MicroAccuracy, 1e-9);
        Assert.AreEqual((1 + 1 / 2.0 + 1 / 2.0) / 3, metrics.MacroAccuracy, 1e-9);
        Assert.AreEqual(3, metrics.TopKPredictionCount);
        Assert.AreEqual(1, metrics.TopKAccuracy, 1e-9);
        Assert.AreEqual("0.6 0.8 1", string.Join(' ', metrics.TopKAccuracyForAllK.Select(a => Math.Round(a, 6))));
        Assert.AreEqual(0.8, Evaluate(Rows, topK: 2).TopKAccuracy, 1e-9);
    }

    [TestMethod]
    public void LogLosses_AreThoseOfTheHand()
    {
        var metrics = Evaluate(Rows);
        double first = -Math.Log(0.7), second = -(Math.Log(0.6) + Math.Log(0.4)), third = -(Math.Log(0.8) + Math.Log(0.1));
        var mean = (first + second + third) / 5;
        var prior = -(0.2 * Math.Log(0.2) + 2 * 0.4 * Math.Log(0.4));

        Assert.AreEqual(mean, metrics.LogLoss, 1e-6);
        Assert.AreEqual((prior - mean) / prior, metrics.LogLossReduction, 1e-6);
        Assert.AreEqual(first, metrics.PerClassLogLoss[0], 1e-6);
        Assert.AreEqual(second / 2, metrics.PerClassLogLoss[1], 1e-6);
        Assert.AreEqual(third / 2, metrics.PerClassLogLoss[2], 1e-6);
    }

    [TestMethod]
    public void ZeroProbability_CountsAs1e15()
    {
        var metrics = Evaluate([new(0, 0f, 1f, 0f)]);
        Assert.AreEqual(-Math.Log(1e-15), metrics.LogLoss, 1e-6);
    }

    [TestMethod]
    public void ConfusionMatrix_HasTrueClassesInRows()
    {
        var matrix = Evaluate(Rows).ConfusionMatrix;
        Assert.AreEqual(3, matrix.NumberOfClasses);
        Assert.AreEqual("1 0 0|1 1 0|1 0 1", string.Join('|', matrix.Counts.Select(r => string.Join(' ', r))));
        Assert.AreEqual(1 / 3.0, matrix.PerClassPrecision[0], 1e-9);
        Assert.AreEqual(1.0, matrix.PerClassPrecision[1], 1e-9);
        Assert.AreEqual(1.0, matrix.PerClassRecall[0], 1e-9);
        Assert.AreEqual(0.5, matrix.PerClassRecall[2], 1e-9);
        Assert.AreEqual(1.0, matrix.GetCountForClassPair(1, 1));
        StringAssert.Contains(matrix.GetFormattedConfusionTable(), "PREDICTED");
        StringAssert.Contains(matrix.GetFormattedConfusionTable(), "0.3333");
        Assert.Throws<Exception>(() => matrix.GetCountForClassPair(3, 0));
    }

    [TestMethod]
    public void MissingLabels_AreLeftOut()
    {
        var metrics = Evaluate([.. Rows, new(uint.MaxValue, 1f, 0f, 0f)]); // out of the key's range: missing
        Assert.AreEqual(3 / 5.0, metrics.MicroAccuracy, 1e-9);
    }

    [TestMethod]
    public void AbsentColumn_Throws() =>
        Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(Rows), labelColumnName: "Nothing"));

    private MulticlassClassificationMetrics Evaluate(Row[] rows, int topK = 0) =>
        _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(rows), topKPredictionCount: topK);

    internal sealed class Row
    {
        public Row() { }

        internal Row(uint label, params float[] scores) =>
            (Label, Score, PredictedLabel) = (label, scores, (uint)Array.IndexOf(scores, scores.Max()));

        [KeyType(3)] public uint Label { get; set; }
        [KeyType(3)] public uint PredictedLabel { get; set; }
        [VectorType(3)] public float[] Score { get; set; } = [];
    }
}
