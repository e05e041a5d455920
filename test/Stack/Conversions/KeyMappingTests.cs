using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.ViTPruning.Tests.Stack.Conversions;

[TestClass]
public class KeyMappingTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void MapValueToKey_ByOccurrence_NumbersValuesAsTheyCome()
    {
        var data = Load("pear", "apple", "pear", "fig");
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(data).Transform(data);

        CollectionAssert.AreEqual(new uint[] { 1, 2, 1, 3 }, Keys(mapped));
        CollectionAssert.AreEqual(new[] { "pear", "apple", "fig" }, KeyValues(mapped, "Key"));
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), mapped.Schema["Key"].Type);
    }

    [TestMethod]
    public void MapValueToKey_ByValue_SortsByCharacterCodes()
    {
        var data = Load("pear", "Zebra", "apple");
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);

        CollectionAssert.AreEqual(new[] { "Zebra", "apple", "pear" }, KeyValues(mapped, "Key"));
        CollectionAssert.AreEqual(new uint[] { 3, 1, 2 }, Keys(mapped));
    }

    [TestMethod]
    public void MapValueToKey_KeyData_GivesTheOrder_AndOthersAreMissing()
    {
        var data = Load("b", "c", "a", "x");
        var keys = _ml.Data.LoadFromEnumerable(new[] { "a", "b", "c" }.Select(n => new Row { Name = n }));
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name", keyData: keys).Fit(data).Transform(data);

        CollectionAssert.AreEqual(new uint[] { 2, 3, 1, 0 }, Keys(mapped));
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, KeyValues(mapped, "Key"));
    }

    [TestMethod]
    public void MapValueToKey_MaximumNumberOfKeys_LeavesTheRestMissing()
    {
        var data = Load("a", "b", "c", "a");
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name", maximumNumberOfKeys: 2).Fit(data).Transform(data);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 0, 1 }, Keys(mapped));
    }

    [TestMethod]
    public void MapValueToKey_ValuesUnseenAtFit_AreMissing()
    {
        var transformer = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(Load("a", "b"));
        CollectionAssert.AreEqual(new uint[] { 2, 0, 1 }, Keys(transformer.Transform(Load("b", "new", "a"))));
    }

    [TestMethod]
    public void MapValueToKey_Numbers_SortAsNumbers_AndNaNIsMissing()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { 10f, 9f, float.NaN, 10f }.Select(n => new NumberRow { Number = n }));
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Number", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);

        CollectionAssert.AreEqual(new uint[] { 2, 1, 0, 2 }, Keys(mapped));
        VBuffer<float> values = default;
        mapped.Schema["Key"].GetKeyValues(ref values);
        CollectionAssert.AreEqual(new[] { 9f, 10f }, values.DenseValues().ToArray());
    }

    [TestMethod]
    public void MapKeyToValue_GivesTheTextsBack_AndMissingIsEmpty()
    {
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key"));
        var model = pipeline.Fit(Load("pear", "apple"));

        var back = model.Transform(Load("apple", "pear", "none")).GetColumn<string>("Back").ToArray();
        CollectionAssert.AreEqual(new[] { "apple", "pear", "" }, back);
    }

    [TestMethod]
    public void MapKeyToValue_OnACopiedColumn_UsesItsKeyValues()
    {
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", "Name")
            .Append(_ml.Transforms.CopyColumns("PredictedLabel", "Label"))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        var data = Load("x", "y", "x");

        var output = pipeline.Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "x", "y", "x" }, output.GetColumn<string>("PredictedLabel").ToArray());
        Assert.IsTrue(output.Schema["Label"].HasKeyValues());
    }

    [TestMethod]
    public void MapKeyToValue_WithoutKeyValues_Throws()
    {
        var data = _ml.Data.LoadFromEnumerable([new KeyRow { Key = 1 }]);
        Assert.Throws<Exception>(() => _ml.Transforms.Conversion.MapKeyToValue("Back", "Key").Fit(data));
    }

    [TestMethod]
    public void MapValueToKey_MissingColumn_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Conversion.MapValueToKey("Key", "Nothing").Fit(Load("a")));

    [TestMethod]
    public void SavedMappings_WorkAgain()
    {
        var data = Load("b", "a", "b");
        var model = _ml.Transforms.Conversion.MapValueToKey("Key", "Name", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key")).Fit(data);

        using var file = new MemoryStream();
        _ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _).Transform(data);

        CollectionAssert.AreEqual(new uint[] { 2, 1, 2 }, Keys(loaded));
        CollectionAssert.AreEqual(new[] { "a", "b" }, KeyValues(loaded, "Key"));
        CollectionAssert.AreEqual(new[] { "b", "a", "b" }, loaded.GetColumn<string>("Back").ToArray());
    }

    [TestMethod]
    public void VectorsOfText_BecomeVectorsOfKeys()
    {
        var data = _ml.Data.LoadFromEnumerable([new VectorRow { Names = ["a", "b"] }, new VectorRow { Names = ["b", "c"] }]);
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Keys", "Names").Fit(data).Transform(data);

        var rows = mapped.GetColumn<uint[]>("Keys").ToArray();
        CollectionAssert.AreEqual(new uint[] { 1, 2 }, rows[0]);
        CollectionAssert.AreEqual(new uint[] { 2, 3 }, rows[1]);
    }

    private IDataView Load(params string[] names) => _ml.Data.LoadFromEnumerable(names.Select(n => new Row { Name = n }).ToArray());
    private static uint[] Keys(IDataView data) => [.. data.GetColumn<uint>("Key")];

    private static string[] KeyValues(IDataView data, string column)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        data.Schema[column].GetKeyValues(ref values);
        return [.. values.DenseValues().Select(v => v.ToString())];
    }

    private sealed class Row { public string Name { get; set; } = ""; }
    private sealed class NumberRow { public float Number { get; set; } }
    private sealed class KeyRow { [KeyType(3)] public uint Key { get; set; } }
    private sealed class VectorRow { [VectorType(2)] public string[] Names { get; set; } = []; }
}
