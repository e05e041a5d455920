using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Components.PatchSkipping;

[TestClass]
public sealed class SkipPatchesTests
{
    private const int Size = 16, Layers = 4, Patches = 16;

    private static readonly PatchSkipOptions Recipe = new()
    {
        FirstLayer = 1,
        Epochs = 1,
        ScorerEpochs = 2,
        BatchSize = 8,
        WarmUpEpochs = 0,
        LoaderThreads = 1,
        MacsSaved = 0.2,
        SkipMapColumnName = "SkipMap",
        SkipsColumnName = "Skips",
        ReEntriesColumnName = "ReEntries",
        ExecutedMacsColumnName = "ExecutedMacs",
    };

    [TestMethod]
    public void Chain_OfScoreSkipCompact_SavesLoadsAndScoresEqually()
    {
        var ml = new MLContext(seed: 1);
        using var dense = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(40));
        using var chain = ml.Transforms.ScoreViT(TinyData.Options(dense)).Append(ml.Transforms.SkipPatches(Recipe)).Fit(data);
        var skipping = chain.LastTransformer;
        Assert.AreEqual(0.2, skipping.Training!.Calibration!.MacsSaved, 0.03);
        Assert.IsFalse(skipping.Model.training);

        var compact = chain.CompactViT();
        Assert.AreSame(skipping, ((IEnumerable<ITransformer>)compact).Single());
        var stream = new MemoryStream();
        ml.Model.Save(compact, data.Schema, stream);
        var loaded = ml.Model.Load(stream, out _);
        using var disposable = loaded as IDisposable;
        var (expected, actual) = (Read(ml, chain.Transform(data)), Read(ml, loaded.Transform(data)));
        Assert.HasCount(40, actual);
        foreach (var (a, b) in expected.Zip(actual))
        {
            CollectionAssert.AreEqual(a.Score, b.Score);
            CollectionAssert.AreEqual(a.SkipMap, b.SkipMap);
            Assert.AreEqual((a.PredictedLabel, a.Skips, a.ReEntries, a.ExecutedMacs), (b.PredictedLabel, b.Skips, b.ReEntries, b.ExecutedMacs));
        }
    }

    [TestMethod]
    public void FurtherColumns_TellWhatTheModelSkipped_AlsoInAPredictionEngine()
    {
        var ml = new MLContext(seed: 1);
        using var dense = Model();
        var rows = Rows(20);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var chain = ml.Transforms.ScoreViT(TinyData.Options(dense, batchSize: 7)).Append(ml.Transforms.SkipPatches(Recipe)).Fit(data);
        var scored = chain.Transform(data);
        var type = (VectorDataViewType)scored.Schema["SkipMap"].Type;
        CollectionAssert.AreEqual(new[] { Layers, Patches }, type.Dimensions.ToArray());
        var macs = chain.LastTransformer.Model.Macs;
        using var engine = ml.Model.CreatePredictionEngine<Row, Skipped>(chain, data.Schema);
        foreach (var (row, image) in rows.Zip(Read(ml, scored)))
        {
            Assert.AreEqual(image.SkipMap.Count(skipped => skipped), image.Skips);
            Assert.IsFalse(image.SkipMap.Take(Patches).Any(skipped => skipped), "layer 0 does not skip");
            int[] kept = [.. Enumerable.Range(1, 2).Select(layer => image.SkipMap.Skip(layer * Patches).Take(Patches).Count(skipped => !skipped))];
            Assert.AreEqual(macs.Executed(kept), image.ExecutedMacs);
            Assert.AreEqual(Enumerable.Range(0, Patches).Count(p => image.SkipMap[Patches + p] && !image.SkipMap[2 * Patches + p]), image.ReEntries);
            var one = engine.Predict(row);
            TinyData.AreClose(image.Score, one.Score);
        }
    }

    [TestMethod]
    public void Measure_ReportsEveryLayer()
    {
        var ml = new MLContext(seed: 1);
        using var dense = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(30));
        using var chain = ml.Transforms.ScoreViT(TinyData.Options(dense)).Append(ml.Transforms.SkipPatches(Recipe)).Fit(data);
        var report = chain.LastTransformer.Measure(data);
        Assert.AreEqual(30, report.Images);
        CollectionAssert.AreEqual(new[] { 1, 2 }, report.Layers.Select(l => l.Layer).ToArray());
        var scored = Read(ml, chain.Transform(data));
        Assert.AreEqual(scored.Average(s => (double)s.ExecutedMacs), report.ExecutedMacs, 1e-6);
        Assert.AreEqual(100.0 * scored.Count(s => s.Label == s.PredictedLabel) / 30, report.Accuracy, 1e-9);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => chain.LastTransformer.Measure(data, cancellationToken: stop.Token));
    }

    [TestMethod]
    public void SchemaShape_PromisesWhatTheTransformerWrites()
    {
        var ml = new MLContext(seed: 1);
        using var dense = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(16));
        var chain = ml.Transforms.ScoreViT(TinyData.Options(dense)).Append(ml.Transforms.SkipPatches(Recipe));
        var rows = ml.Transforms.CustomMapping<Nothing, Row>((_, _) => { }, contractName: null).GetOutputSchema(new SchemaShape([]));
        var promised = chain.GetOutputSchema(rows).ToDictionary(column => column.Name);
        using var fitted = chain.Fit(data);
        var written = fitted.GetOutputSchema(data.Schema);
        foreach (string name in (string[])["Score", "PredictedLabel", "SkipMap", "Skips", "ReEntries", "ExecutedMacs"])
        {
            var (type, shape) = (written[name].Type, promised[name]);
            Assert.AreEqual(type is VectorDataViewType, shape.Kind != SchemaShape.Column.VectorKind.Scalar, name);
            Assert.AreEqual(type is VectorDataViewType vector ? vector.ItemType.RawType : type.RawType, shape.ItemType.RawType, name);
            Assert.AreEqual(type is KeyDataViewType, shape.IsKey, name);
        }
    }

    [TestMethod]
    public void Stages_BehindOneThatSkips_AreRefused()
    {
        var ml = new MLContext(seed: 1);
        using var dense = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(16));
        var chain = ml.Transforms.ScoreViT(TinyData.Options(dense)).Append(ml.Transforms.SkipPatches(Recipe)).Append(ml.Transforms.PruneViT(new UnifiedPruningOptions()));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => chain.Fit(data)).Message, "skips patches");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => ml.Transforms.SkipPatches(Recipe).Fit(data)).Message, "ScoreViT");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AsPublished_OrOurs_IsWhatTheModelSays(bool published)
    {
        var ml = new MLContext(seed: 1);
        using var dense = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(24));
        var options = Recipe with { Stages = PatchSkipStages.Scorers };
        if (published) options = options with { Labels = SkipLabels.ScaledCosine, ScaledCosineThreshold = 0.9f, ShiftsIdle = false };
        using var chain = ml.Transforms.ScoreViT(TinyData.Options(dense)).Append(ml.Transforms.SkipPatches(options)).Fit(data);
        var configuration = chain.LastTransformer.Model.Configuration;
        Assert.AreEqual((published ? SkipLabels.ScaledCosine : SkipLabels.Importance, !published), (configuration.Labels, configuration.ShiftsIdle));
        if (published) Assert.AreEqual(0.9, configuration.ScaledCosineThreshold);
        else Assert.AreNotEqual(new PatchSkipConfiguration { Layers = [] }.ImportanceThreshold, configuration.ImportanceThreshold);
        Assert.IsTrue(configuration.Layers.All(layer => layer.ScaledCosineThreshold is null));
    }

    [TestMethod]
    public void LossWeights_AreTheResidualStreamAlone_WhereItCanBeLearntAndNothingElseIsAskedFor()
    {
        var given = new PatchSkipOptions();
        Assert.AreEqual((1, 0, 0), given.LossWeights);
        Assert.AreEqual((1, 2, 0), (given with { Alpha = 2 }).LossWeights);
        foreach (var other in (PatchSkipOptions[])[given with { HiddenWeight = 0 }, given with { Stages = PatchSkipStages.Joint }, given with { Method = PatchSkipMethod.Merging }])
            Assert.AreEqual((0, 6.4, 1), other.LossWeights);
        using var model = Model();
        var classToken = model.Configuration;
        Assert.AreEqual(0.5, given.ClassTokenShareOf(classToken));
        Assert.AreEqual(0.5, (given with { Alpha = 2 }).ClassTokenShareOf(classToken));
        Assert.AreEqual(0, given.ClassTokenShareOf(classToken with { Pooling = Pooling.Mean }));
        Assert.AreEqual(0, (given with { HiddenWeight = 0 }).ClassTokenShareOf(classToken));
        Assert.AreEqual(0, (given with { ClassTokenShare = 0 }).ClassTokenShareOf(classToken));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((given with { HiddenWeight = 0, ClassTokenShare = 0.5 }).Validate).Message, "leave it null");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((given with { ClassTokenShare = -0.5 }).Validate).Message, "ClassTokenShare is -0.5");
        var stream = given with { Method = PatchSkipMethod.Merging, HiddenWeight = 1 };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new MLContext().Transforms.SkipPatches(stream)).Message, "leave it null");
    }

    [TestMethod]
    public void Labels_AreScaledCosines_WhereAThresholdIsAskedFor()
    {
        Assert.AreEqual(SkipLabels.Importance, new PatchSkipOptions().TaughtLabels);
        var published = new PatchSkipOptions { ScaledCosineThreshold = 0.95f };
        Assert.AreEqual(SkipLabels.ScaledCosine, published.TaughtLabels);
        published.Validate();
        Assert.ThrowsExactly<ArgumentException>((published with { Labels = SkipLabels.Importance }).Validate);
        Assert.AreEqual(SkipLabels.ScaledCosine, new PatchSkipOptions { Labels = SkipLabels.ScaledCosine }.TaughtLabels);
    }

    [TestMethod]
    public void Options_ListEveryFault()
    {
        var ml = new MLContext(seed: 1);
        var options = Recipe with
        {
            Method = PatchSkipMethod.Merging,
            Labels = SkipLabels.Importance,
            ScaledCosineThreshold = 0,
            FirstLayer = -1,
            ContextAttention = false,
            Stages = PatchSkipStages.Joint,
            ScorerEpochs = 0,
            ScorerLearningRate = -1,
            EmaDecay = 0.9,
            MacsSaved = 1,
            CalibrationImages = 0,
            Alpha = -1,
            Temperature = 0,
            SkipsColumnName = "SkipMap",
            ExecutedMacsColumnName = " ",
        };
        string message = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.SkipPatches(options)).Message;
        foreach (string fault in (string[])["ScaledCosineThreshold is 0", "FirstLayer is -1", "ContextAttention has no effect", "Merging has no scorers", "ScorerEpochs is 0", "ScorerLearningRate is -1",
            "EmaDecay is set", "MacsSaved is 1", "CalibrationImages is 0", "Alpha is -1", "Temperature is 0", "column name is empty", "have one name", "Merging skips no patch", "has an effect with Labels = ScaledCosine only"]) StringAssert.Contains(message, fault);
        var random = Recipe with { Method = PatchSkipMethod.Random, MacsSaved = null };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.SkipPatches(random)).Message, "needs a target");
        var taught = Recipe with { Method = PatchSkipMethod.ClassAttention, Labels = SkipLabels.Importance, ScorerInput = ScorerInput.Token };
        message = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.SkipPatches(taught)).Message;
        foreach (string fault in (string[])["no scorers to teach", "ScorerInput is Token"]) StringAssert.Contains(message, fault);
        using var dense = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(16));
        var none = ml.Transforms.ScoreViT(TinyData.Options(dense)).Append(ml.Transforms.SkipPatches(Recipe with { FirstLayer = 3 }));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => none.Fit(data)).Message, "FirstLayer is 3");
    }

    [TestMethod]
    [DataRow(PatchSkipMethod.Random)]
    [DataRow(PatchSkipMethod.Merging)]
    public void Fit_OfAnotherMethod_KeepsTheBudget(PatchSkipMethod method)
    {
        var ml = new MLContext(seed: 1);
        using var dense = Model();
        var data = ml.Data.LoadFromEnumerable(Rows(16));
        var recipe = Recipe with { Method = method, SkipMapColumnName = null, SkipsColumnName = null, ReEntriesColumnName = null };
        using var chain = ml.Transforms.ScoreViT(TinyData.Options(dense)).Append(ml.Transforms.SkipPatches(recipe)).Fit(data);
        var macs = chain.LastTransformer.Model.Macs;
        Assert.IsGreaterThanOrEqualTo(0.2, macs.Saved(macs.Executed()));
        var view = chain.Transform(data);
        using var cursor = view.GetRowCursor([view.Schema["ExecutedMacs"]]);
        var get = cursor.GetGetter<long>(view.Schema["ExecutedMacs"]);
        long executed = 0;
        while (cursor.MoveNext())
        {
            get(ref executed);
            Assert.AreEqual(macs.Executed(), executed);
        }
    }

    private static VisionModel Model()
    {
        var model = VisionModel.Create(new ModelConfiguration
        {
            Family = ModelFamily.Vit,
            ImageSize = Size,
            PatchSize = 4,
            NumClasses = TinyData.Classes,
            Stages = [new(64, [.. Enumerable.Repeat(new BlockConfiguration(4, 16, 128), Layers)])],
            Preprocessing = Preprocessing.Half,
            LabelNames = TinyData.Names,
        }, 1);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        foreach (var parameter in model.parameters()) parameter.add_(randn(parameter.shape, generator: generator) * 0.1);
        model.eval();
        return model;
    }

    private static List<Row> Rows(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            Label = (uint)random.Next(TinyData.Classes),
            Image = [.. Enumerable.Range(0, 3 * Size * Size).Select(_ => (float)random.Next(256))],
        })];
    }

    private static List<Skipped> Read(MLContext ml, IDataView data) => [.. ml.Data.CreateEnumerable<Skipped>(data, reuseRowObject: false)];

    private sealed class Row
    {
        [KeyType(TinyData.Classes)]
        public uint Label { get; set; }

        [VectorType(3 * Size * Size)]
        public float[] Image { get; set; } = [];
    }

    private sealed class Nothing;

    private sealed class Skipped
    {
        public uint Label { get; set; }

        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }

        public bool[] SkipMap { get; set; } = [];

        public int Skips { get; set; }

        public int ReEntries { get; set; }

        public long ExecutedMacs { get; set; }
    }
}
