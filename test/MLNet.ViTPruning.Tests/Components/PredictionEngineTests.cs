using Microsoft.ML;
using static MLNet.ViTPruning.Tests.Components.TinyData;

namespace MLNet.ViTPruning.Tests.Components;

[TestClass]
public sealed class PredictionEngineTests
{
    [TestMethod]
    public void Predict_EqualsTransform_AlsoAfterSaveAndLoad()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var rows = Rows(12);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var transformer = ml.Transforms.ScoreViT(Options(model, 5)).Fit(data);
        var stream = new MemoryStream();
        ml.Model.Save(transformer, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out var schema);
        Assert.AreEqual(data.Schema.Count, schema.Count);

        var expected = Read(ml, transformer.Transform(data));
        var reloaded = Read(ml, loaded.Transform(data));
        using var engine = ml.Model.CreatePredictionEngine<Row, Prediction>(transformer);
        using var loadedEngine = ml.Model.CreatePredictionEngine<Row, Prediction>(loaded, schema);
        for (int i = 0; i < rows.Count; i++)
        {
            CollectionAssert.AreEqual(expected[i].Score, reloaded[i].Score);
            AreClose(expected[i].Score, engine.Predict(rows[i]).Score);
            AreClose(expected[i].Score, loadedEngine.Predict(rows[i]).Score);
            Assert.AreEqual(expected[i].PredictedLabel, engine.Predict(rows[i]).PredictedLabel);
        }
    }

    [TestMethod]
    public void ManyEngines_OverOneTransformer_PredictAtOnce()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var rows = Rows(40);
        using var transformer = ml.Transforms.ScoreViT(Options(model)).Fit(ml.Data.LoadFromEnumerable(rows));
        var expected = rows.Select(row => Expected(model, row)).ToList();
        Parallel.For(0, 8, _ =>
        {
            var engine = ml.Model.CreatePredictionEngine<Row, Prediction>(transformer);
            for (int i = 0; i < rows.Count; i++) AreClose(expected[i], engine.Predict(rows[i]).Score);
        });
    }

    [TestMethod]
    public void TenThousandPredictions_LeaveTensorsAndMemoryWhereTheyWere()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var row = Rows(1)[0];
        using var transformer = ml.Transforms.ScoreViT(Options(model)).Fit(ml.Data.LoadFromEnumerable(new[] { row }));
        using var engine = ml.Model.CreatePredictionEngine<Row, Prediction>(transformer);
        for (int i = 0; i < 500; i++) engine.Predict(row);
        long tensors = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long memory = ResidentBytes();
        for (int i = 0; i < 10_000; i++) engine.Predict(row);
        Assert.AreEqual(tensors, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.IsLessThan(32L << 20, ResidentBytes() - memory);
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return System.Diagnostics.Process.GetCurrentProcess().WorkingSet64;
    }
}
