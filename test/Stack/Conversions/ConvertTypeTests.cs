using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Conversions;

[TestClass]
public class ConvertTypeTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Bytes_BecomeFloatsByDefault()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Pixels = [0, 7, 255], Count = -3, Flag = true }]);
        var output = _ml.Transforms.Conversion.ConvertType("Floats", "Pixels").Fit(data).Transform(data);

        CollectionAssert.AreEqual(new[] { 0f, 7f, 255f }, output.GetColumn<float[]>("Floats").Single());
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), output.Schema["Floats"].Type);
    }

    [TestMethod]
    public void ScalarsAndBooleans_Convert()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Pixels = [1, 2, 3], Count = -3, Flag = true }]);
        var output = _ml.Transforms.Conversion.ConvertType("Long", "Count", DataKind.Int64)
            .Append(_ml.Transforms.Conversion.ConvertType([new InputOutputColumnPair("Number", "Flag")], DataKind.Double)).Fit(data).Transform(data);

        Assert.AreEqual(-3L, output.GetColumn<long>("Long").Single());
        Assert.AreEqual(1d, output.GetColumn<double>("Number").Single());
    }

    [TestMethod]
    public void Saved_WorksAgain()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Pixels = [1, 2, 3] }]);
        var model = _ml.Transforms.Conversion.ConvertType("Floats", "Pixels").Fit(data);
        using var file = new MemoryStream();
        _ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        CollectionAssert.AreEqual(new[] { 1f, 2f, 3f }, new MLContext().Model.Load(file, out _).Transform(data).GetColumn<float[]>("Floats").Single());
    }

    private sealed class Row
    {
        [VectorType(3)] public byte[] Pixels { get; set; } = [];
        public int Count { get; set; }
        public bool Flag { get; set; }
    }
}
