using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Columns;

[TestClass]
public class ColumnTransformTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void CopyColumns_KeepsAnnotationsOfAnOwnStructuredType()
    {
        var model = new Model();
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["A"].AddAnnotation("Model", model, new ModelType());
        var data = _ml.Data.LoadFromEnumerable(Rows(), definition);

        var copy = _ml.Transforms.CopyColumns("Copy", "A").Fit(data).Transform(data).Schema["Copy"];

        Model? found = null;
        copy.Annotations.GetValue("Model", ref found);
        Assert.AreSame(model, found);
        Assert.AreEqual(new ModelType(), copy.Annotations.Schema["Model"].Type);
    }

    [TestMethod]
    public void CopyColumns_OverAnExistingName_HidesIt()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var output = _ml.Transforms.CopyColumns("B", "A").Fit(data).Transform(data);

        CollectionAssert.AreEqual(new[] { 1f, 2f }, output.GetColumn<float>("B").ToArray());
        Assert.AreEqual(2, output.Schema.Count(c => c.Name == "B"));
    }

    [TestMethod]
    public void Concatenate_JoinsScalarsAndVectors_AndNamesTheSlotsOfScalars()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var output = _ml.Transforms.Concatenate("All", "A", "V", "B").Fit(data).Transform(data);

        CollectionAssert.AreEqual(new[] { 1f, 10, 11, 5 }, output.GetColumn<float[]>("All").First());
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 4), output.Schema["All"].Type);
    }

    [TestMethod]
    public void Concatenate_DifferentItemTypes_Throws()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        Assert.Throws<Exception>(() => _ml.Transforms.Concatenate("All", "A", "Text").Fit(data));
    }

    [TestMethod]
    public void DropColumns_LeavesTheOthersInOrder()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var output = _ml.Transforms.DropColumns("B", "Text").Fit(data).Transform(data);

        CollectionAssert.AreEqual(new[] { "A", "V" }, output.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(new[] { 1f, 2f }, output.GetColumn<float>("A").ToArray());
    }

    [TestMethod]
    public void SelectColumns_KeepsTheNamed_InTheOrderGiven()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var output = _ml.Transforms.SelectColumns("Text", "A").Fit(data).Transform(data);

        CollectionAssert.AreEqual(new[] { "Text", "A" }, output.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "x", "y" }, output.GetColumn<string>("Text").ToArray());
    }

    [TestMethod]
    public void SelectColumns_MissingColumn_Throws()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        Assert.Throws<Exception>(() => _ml.Transforms.SelectColumns("Nothing").Fit(data));
    }

    [TestMethod]
    public void SavedColumnTransforms_WorkAgain_AndPredict()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var model = _ml.Transforms.CopyColumns("C", "A")
            .Append(_ml.Transforms.Concatenate("All", "A", "B", "C"))
            .Append(_ml.Transforms.DropColumns("C"))
            .Append(_ml.Transforms.SelectColumns("All", "Text")).Fit(data);
        using var file = new MemoryStream();
        _ml.Model.Save(model, data.Schema, file);
        file.Position = 0;

        var ml = new MLContext();
        var loaded = ml.Model.Load(file, out _);
        CollectionAssert.AreEqual(new[] { "All", "Text" }, loaded.Transform(data).Schema.Select(c => c.Name).ToArray());
        using var engine = ml.Model.CreatePredictionEngine<Row, Output>(loaded);
        CollectionAssert.AreEqual(new[] { 3f, 4, 3 }, engine.Predict(new Row { A = 3, B = 4, V = [0, 0] }).All);
        CollectionAssert.AreEqual(new[] { 8f, 9, 8 }, engine.Predict(new Row { A = 8, B = 9, V = [0, 0] }).All);
    }

    private static Row[] Rows() => [new() { A = 1, B = 5, V = [10, 11], Text = "x" }, new() { A = 2, B = 6, V = [20, 21], Text = "y" }];

    private sealed class Row
    {
        public float A { get; set; }
        public float B { get; set; }
        [VectorType(2)] public float[] V { get; set; } = [];
        public string Text { get; set; } = "";
    }

    private sealed class Output { public float[] All { get; set; } = []; }

    private sealed class Model;

    private sealed class ModelType() : StructuredDataViewType(typeof(Model))
    {
        public override bool Equals(DataViewType? other) => other is ModelType;
        public override bool Equals(object? other) => other is ModelType;
        public override int GetHashCode() => 1;
    }
}
