using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using static MLNet.ViTPruning.Tests.Components.TinyData;

namespace MLNet.ViTPruning.Tests.Components;

[TestClass]
public sealed class ScoringTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(32)]
    public void Transform_GivesEachRowItsOwnScore_BehindShuffleAndFilter(int batchSize)
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var rows = Rows(61);
        var data = ml.Data.LoadFromEnumerable(rows);
        data = ml.Data.FilterRowsByColumn(data, nameof(Row.Id), lowerBound: 3, upperBound: 57);
        data = ml.Data.ShuffleRows(data, seed: 5);
        using var transformer = ml.Transforms.ScoreViT(Options(model, batchSize)).Fit(data);

        var scored = Read(ml, transformer.Transform(data));

        Assert.HasCount(54, scored);
        Assert.AreNotEqual(string.Join(",", scored.Select(s => s.Id)), string.Join(",", scored.Select(s => s.Id).Order()));
        foreach (var row in scored)
        {
            var source = rows[row.Id];
            Assert.AreEqual(source.Label + 1, row.Label, "keys are read from 0 and written from 1");
            CollectionAssert.AreEqual(source.Image, row.Image);
            var expected = Expected(model, source);
            AreClose(expected, row.Score);
            Assert.AreEqual(Array.IndexOf(expected, expected.Max()) + 1, (int)row.PredictedLabel);
        }
    }

    [TestMethod]
    public void Transform_WithAFilterBehindIt_SkipsRowsAndStaysAligned()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var rows = Rows(40);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var transformer = ml.Transforms.ScoreViT(Options(model, 4)).Fit(data);
        var filtered = ml.Data.FilterRowsByColumn(transformer.Transform(data), nameof(Row.Id), lowerBound: 21, upperBound: 30);
        foreach (var row in Read(ml, filtered)) AreClose(Expected(model, rows[row.Id]), row.Score);
    }

    [TestMethod]
    public void Transform_ReadTwiceAtOnce_GivesBothReadersTheSame()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(20));
        using var transformer = ml.Transforms.ScoreViT(Options(model, 3)).Fit(data);
        var view = transformer.Transform(data);
        foreach (var (a, b) in ml.Data.CreateEnumerable<Scored>(view, false).Zip(ml.Data.CreateEnumerable<Scored>(view, false)))
            CollectionAssert.AreEqual(a.Score, b.Score);
    }

    [TestMethod]
    public void Schema_HasNamesKindsAndTheModel()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(3));
        using var transformer = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        var schema = transformer.Transform(data).Schema;

        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(Names, names.DenseValues().Select(n => n.ToString()).ToArray());
        schema["PredictedLabel"].GetKeyValues(ref names);
        CollectionAssert.AreEqual(Names, names.DenseValues().Select(n => n.ToString()).ToArray());
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, Classes), schema["Score"].Type);
        ViTModel? handle = null;
        schema["Score"].Annotations.GetValue(ViTModelDataViewType.AnnotationKind, ref handle);
        Assert.AreSame(transformer.Model, handle!.Model);

        Assert.AreEqual(schema.Count, transformer.GetOutputSchema(data.Schema).Count);
        Assert.AreEqual(schema.Count, transformer.GetRowToRowMapper(data.Schema).OutputSchema.Count);
    }

    [TestMethod]
    public void PredictedLabel_MapsBackToNames_AndEvaluates()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(30));
        var chain = ml.Transforms.ScoreViT(Options(model)).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"));
        using var fitted = chain.Fit(data);
        var scored = fitted.Transform(data);
        foreach (var name in scored.GetColumnValues("Name")) CollectionAssert.Contains(Names, name);

        var metrics = ml.MulticlassClassification.Evaluate(scored, topKPredictionCount: Classes);
        int right = Read(ml, scored).Count(r => r.PredictedLabel == r.Label);
        Assert.AreEqual(right / 30.0, metrics.MicroAccuracy, 1e-9);
        Assert.AreEqual(1, metrics.TopKAccuracy, 1e-9);
    }

    [TestMethod]
    public void Score_IsNotComputed_WhereNobodyReadsIt()
    {
        var ml = new MLContext(seed: 1);
        var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(10));
        var transformer = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        var view = transformer.Transform(data);
        transformer.Dispose();    // from here on a forward pass would fail
        model.Dispose();
        using var cursor = view.GetRowCursor([view.Schema["Label"]]);
        int rows = 0;
        while (cursor.MoveNext()) rows++;
        Assert.AreEqual(10, rows);
        Assert.IsFalse(cursor.IsColumnActive(view.Schema["Score"]));
        Assert.Throws<Exception>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]));
    }

    [TestMethod]
    public void Reading_ToTheEndOrNot_LeavesNoTensorsBehind()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(40));
        using var transformer = ml.Transforms.ScoreViT(Options(model, 4)).Fit(data);
        var view = transformer.Transform(data);
        Read(ml, view);
        long before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 5; i++) Read(ml, view);
        Read(ml, ml.Data.TakeRows(view, 6));    // the cursor closes with a batch prepared ahead
        Assert.AreEqual(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void BrokenImage_FailsAtItsRow_AndNamesIt()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var good = Encoded();
        var rows = Enumerable.Range(0, 6).Select(i => new EncodedRow { Id = i, Image = i == 4 ? [1, 2, 3] : good }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        using var transformer = ml.Transforms.ScoreViT(Options(model, 2)).Fit(data);
        var read = new List<int>();
        Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            foreach (var row in ml.Data.CreateEnumerable<EncodedScored>(transformer.Transform(data), reuseRowObject: false)) read.Add(row.Id);
        });
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3 }, read);
    }

    private static byte[] Encoded()
    {
        var path = Path.ChangeExtension(Path.GetTempFileName(), ".png");
        using (var image = MLImage.CreateFromPixels(Size, Size, MLPixelFormat.Bgra32, Enumerable.Repeat((byte)200, 4 * Size * Size).ToArray())) image.Save(path);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private sealed class EncodedRow
    {
        public int Id { get; set; }

        public byte[] Image { get; set; } = [];
    }

    private sealed class EncodedScored
    {
        public int Id { get; set; }

        public float[] Score { get; set; } = [];
    }

    [TestMethod]
    public void Fit_WithoutAUsableImageColumn_SaysWhatItExpects()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(3));
        var missing = Assert.Throws<ArgumentException>(() => ml.Transforms.ScoreViT(Options(model) with { ImageColumnName = "Picture" }).Fit(data));
        StringAssert.Contains(missing.Message, "'Picture'");
        var wrong = Assert.Throws<ArgumentException>(() => ml.Transforms.ScoreViT(Options(model) with { ImageColumnName = "Id" }).Fit(data));
        StringAssert.Contains(wrong.Message, "Schema mismatch for input column 'Id'");
    }

    [TestMethod]
    public void Options_NameEveryFaultAtOnce()
    {
        var ml = new MLContext(seed: 1);
        var error = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.ScoreViT(new ScoreViTOptions { BatchSize = 0, ScoreColumnName = "" }));
        foreach (var part in new[] { "Neither Weights nor Model", "BatchSize is 0", "ScoreColumnName is empty" }) StringAssert.Contains(error.Message, part);
        Assert.ThrowsExactly<FileNotFoundException>(() => ml.Transforms.ScoreViT("no-such-file.safetensors"));
    }

    [TestMethod]
    public void GpuThatIsNotThere_IsAnError_UnlessFallingBackIsAllowed()
    {
        if (TorchSharp.torch.cuda.is_available()) Assert.Inconclusive("a GPU is there");
        using var model = Model();
        var strict = new MLContext(seed: 1) { GpuDeviceId = 0, FallbackToCpu = false };
        var data = strict.Data.LoadFromEnumerable(Rows(3));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => strict.Transforms.ScoreViT(Options(model)).Fit(data)).Message, "GPU 0");

        var lenient = new MLContext(seed: 1) { GpuDeviceId = 0, FallbackToCpu = true };
        var warnings = new List<string>();
        lenient.Log += (_, e) => { if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning) warnings.Add(e.Message); };
        using var transformer = lenient.Transforms.ScoreViT(Options(model)).Fit(data);
        Assert.HasCount(1, warnings);
    }
}

internal static class ColumnValues
{
    public static List<string> GetColumnValues(this IDataView data, string name)
    {
        var values = new List<string>();
        using var cursor = data.GetRowCursor([data.Schema[name]]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema[name]);
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            values.Add(value.ToString());
        }
        return values;
    }
}
