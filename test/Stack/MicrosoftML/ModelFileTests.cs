using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class ModelFileTests
{
    private sealed class Animal
    {
        public string Name { get; set; } = "";
        [KeyType(3)] public uint Kind { get; set; }
        [VectorType(2)] public float[] Size { get; set; } = [];
    }

    private sealed class Known
    {
        public uint Number { get; set; }
        public string Back { get; set; } = "";
    }

    private static readonly MLContext Ml = new(seed: 1);

    private static readonly List<Animal> Animals =
    [
        new() { Name = "cat", Kind = 0, Size = [1, 2] }, new() { Name = "dog", Kind = 1, Size = [3, 4] }, new() { Name = "cat", Kind = 2, Size = [5, 6] },
    ];

    private static (TransformerChain<ITransformer> Model, IDataView Data) Fit()
    {
        var data = Ml.Data.LoadFromEnumerable(Animals);
        ITransformer key = Ml.Transforms.Conversion.MapValueToKey("Number", "Name").Fit(data);
        ITransformer back = Ml.Transforms.Conversion.MapKeyToValue("Back", "Number").Fit(key.Transform(data));
        return (new TransformerChain<ITransformer>(key, back), data);
    }

    private static MemoryStream Saved()
    {
        var (model, data) = Fit();
        var stream = new MemoryStream();
        Ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        return stream;
    }

    [TestMethod]
    public void SavedChain_GivesTheSame_FromAnotherContext()
    {
        var fresh = new MLContext();
        var model = fresh.Model.Load(Saved(), out var schema);
        var rows = fresh.Data.CreateEnumerable<Known>(model.Transform(fresh.Data.LoadFromEnumerable(Animals)), reuseRowObject: false).ToArray();
        CollectionAssert.AreEqual(new[] { "cat", "dog", "cat" }, rows.Select(r => r.Back).ToArray());
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1 }, rows.Select(r => r.Number).ToArray());
        using var engine = fresh.Model.CreatePredictionEngine<Animal, Known>(model, schema);
        Assert.AreEqual(2u, engine.Predict(new Animal { Name = "dog", Size = [0, 0] }).Number);
        Assert.AreEqual(0u, engine.Predict(new Animal { Name = "cow", Size = [0, 0] }).Number);
    }

    [TestMethod]
    public void InputSchema_ComesBackWithTypesAndKeyValues()
    {
        var (model, data) = Fit();
        var stream = new MemoryStream();
        var keyed = model.Transform(data);
        Ml.Model.Save(Ml.Transforms.CopyColumns("Copy", "Number").Fit(keyed), keyed.Schema, stream);
        stream.Position = 0;
        Ml.Model.Load(stream, out var schema);
        CollectionAssert.AreEqual(keyed.Schema.Select(c => $"{c.Name} {c.Type}").ToArray(), schema.Select(c => $"{c.Name} {c.Type}").ToArray());
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Number"].GetKeyValues(ref names);
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, names.DenseValues().Select(n => n.ToString()).ToArray());
    }

    [TestMethod]
    public void Save_WithoutSchema_LoadsWithNone()
    {
        var stream = new MemoryStream();
        Ml.Model.Save(Fit().Model, null, stream);
        stream.Position = 0;
        Ml.Model.Load(stream, out var schema);
        Assert.IsNull(schema);
    }

    [TestMethod]
    public void Save_ToAFile_ReplacesAnEarlierOne()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "model.zip");
            var (model, data) = Fit();
            Ml.Model.Save(model, data.Schema, path);
            Ml.Model.Save(model, data.Schema, path);
            Assert.AreEqual(1, folder.GetFiles().Length);
            Assert.AreEqual(3, Ml.Model.Load(path, out _).Transform(data).GetColumn<string>("Back").Count());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Save_OfAComponentThatFails_SaysWhy()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "model.zip");
            Assert.ThrowsExactly<NotSupportedException>(() =>
                Ml.Model.Save(new ProbeScorer(new("m"), 1, "Id"), new ProbeDataView(1).Schema, path));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Load_OfWhatIsNoModel_SaysSo()
    {
        Assert.Throws<Exception>(() => Ml.Model.Load(new MemoryStream(new byte[100]), out _));
        Assert.Throws<Exception>(() => Ml.Model.Load(new MemoryStream(), out _));
        var cut = Saved().ToArray();
        Assert.Throws<Exception>(() => Ml.Model.Load(new MemoryStream(cut, 0, cut.Length / 2), out _));
    }

    [TestMethod]
    public void Load_OfADamagedFile_Ends()
    {
        var original = Saved().ToArray();
        var random = new Random(7);
        for (int round = 0; round < 400; round++)
        {
            var bytes = (byte[])original.Clone();
            for (int k = 0; k <= round % 3; k++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Ml.Model.Load(new MemoryStream(bytes), out _);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
            }
        }
    }
}
