using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.ViTPruning.Tests.Stack.Columns;

[TestClass]
public class CustomMappingTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Mapping_AddsColumns_AndRunsOnceARow()
    {
        var calls = 0;
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var output = _ml.Transforms.CustomMapping<Row, Result>((row, result) =>
        {
            calls++;
            (result.Sum, result.Text) = (row.Values.Sum(), $"{row.Name}!");
        }, contractName: null).Fit(data).Transform(data);
        Assert.AreEqual(0, calls); // nothing is computed before a cursor asks

        var rows = _ml.Data.CreateEnumerable<Result>(output, reuseRowObject: false).ToArray();
        CollectionAssert.AreEqual(new[] { 3f, 7f }, rows.Select(r => r.Sum).ToArray());
        CollectionAssert.AreEqual(new[] { "a!", "b!" }, rows.Select(r => r.Text).ToArray());
        Assert.AreEqual(2, calls);
        CollectionAssert.AreEqual(new[] { "a", "b" }, output.GetColumn<string>("Name").ToArray());
    }

    [TestMethod]
    public void KeyMembers_AreRead1Based_AndWritten0Based()
    {
        var seen = new List<uint>();
        var data = _ml.Data.LoadFromEnumerable([new KeyRow { Key = 2 }]); // read 0-based: the third value
        var output = _ml.Transforms.CustomMapping<KeyRow, KeyResult>((row, result) =>
        {
            seen.Add(row.Key);
            result.NewKey = 0;
        }, null).Fit(data).Transform(data);

        Assert.AreEqual(1u, output.GetColumn<uint>("NewKey").Single());
        CollectionAssert.AreEqual(new uint[] { 3 }, seen);
    }

    [TestMethod]
    public void WithContract_SavesAndLoads()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var model = _ml.Transforms.CustomMapping(new Doubling().GetMapping(), Doubling.Contract).Fit(data);
        using var file = new MemoryStream();
        _ml.Model.Save(model, data.Schema, file);
        file.Position = 0;

        var ml = new MLContext();
        ml.ComponentCatalog.RegisterAssembly(typeof(Doubling).Assembly);
        var loaded = ml.Model.Load(file, out _);
        using var engine = ml.Model.CreatePredictionEngine<Row, Result>(loaded);
        Assert.AreEqual(10f, engine.Predict(new Row { Values = [2, 3] }).Sum);
        Assert.AreEqual(4f, engine.Predict(new Row { Values = [1, 1] }).Sum);
    }

    [TestMethod]
    public void WithoutContract_CannotBeSaved()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var model = _ml.Transforms.CustomMapping<Row, Result>((_, _) => { }, null).Fit(data);
        Assert.Throws<Exception>(() => _ml.Model.Save(model, data.Schema, new MemoryStream()));
    }

    [TestMethod]
    public void MissingInputColumn_Throws()
    {
        var data = _ml.Data.LoadFromEnumerable([new KeyRow()]);
        Assert.Throws<Exception>(() => _ml.Transforms.CustomMapping<Row, Result>((_, _) => { }, null).Fit(data));
    }

    private static Row[] Rows() => [new() { Name = "a", Values = [1, 2] }, new() { Name = "b", Values = [3, 4] }];

    internal sealed class Row
    {
        public string Name { get; set; } = "";
        [VectorType(2)] public float[] Values { get; set; } = [];
    }

    internal sealed class Result
    {
        public float Sum { get; set; }
        public string Text { get; set; } = "";
    }

    private sealed class KeyRow { [KeyType(5)] public uint Key { get; set; } }
    private sealed class KeyResult { [KeyType(5)] public uint NewKey { get; set; } }
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class Doubling : CustomMappingFactory<CustomMappingTests.Row, CustomMappingTests.Result>
{
    internal const string Contract = "stack-tests-doubling";

    public override Action<CustomMappingTests.Row, CustomMappingTests.Result> GetMapping() =>
        (row, result) => (result.Sum, result.Text) = (2 * row.Values.Sum(), "");
}
