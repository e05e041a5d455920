using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class EnumerableTests
{
    private sealed class Everything
    {
        public string Text { get; set; } = "";
        [VectorType(3)] public float[] Known { get; set; } = [];
        public int[] Unknown { get; set; } = [];
        [ColumnName("Renamed")] public double Number { get; set; }
        [NoColumn] public object? Ignored { get; set; }
        public bool Flag;
        public string[] Words { get; set; } = [];
        public VBuffer<float> Buffer { get; set; }
        [LoadColumn(7)] public long Long { get; set; }
    }

    private sealed class Impossible
    {
        public object? Value { get; set; }
    }

    private sealed class Wrong
    {
        public int Square { get; set; }
    }

    private static readonly MLContext Ml = new(seed: 1);

    private static List<Everything> Some() => [.. Enumerable.Range(0, 4).Select(i => new Everything
    {
        Text = $"t{i}", Known = [i, i, i], Unknown = [.. Enumerable.Range(0, i)], Number = i / 2.0, Flag = i % 2 == 1, Words = [$"a{i}", "b"],
        Buffer = new VBuffer<float>(5, 1, [i], [2]), Long = 1L << (40 + i),
    })];

    [TestMethod]
    public void Members_BecomeColumnsOfTheirTypes()
    {
        var schema = Ml.Data.LoadFromEnumerable(Some()).Schema;
        Assert.AreEqual(TextDataViewType.Instance, schema["Text"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Known"].Type);
        Assert.IsFalse(((VectorDataViewType)schema["Unknown"].Type).IsKnownSize);
        Assert.AreEqual(NumberDataViewType.Double, schema["Renamed"].Type);
        Assert.AreEqual(BooleanDataViewType.Instance, schema["Flag"].Type);
        Assert.IsNull(schema.GetColumnOrNull("Ignored"));
        Assert.IsNull(schema.GetColumnOrNull("Number"));
        Assert.Throws<Exception>(() => Ml.Data.LoadFromEnumerable(new List<Impossible>()));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Rows_SurviveTheRoundTrip(bool reuse)
    {
        var rows = Some();
        int i = 0;
        foreach (var row in Ml.Data.CreateEnumerable<Everything>(Ml.Data.LoadFromEnumerable(rows), reuse))
        {
            var expected = rows[i++];
            Assert.AreEqual((expected.Text, expected.Number, expected.Flag, expected.Long), (row.Text, row.Number, row.Flag, row.Long));
            CollectionAssert.AreEqual(expected.Known, row.Known);
            CollectionAssert.AreEqual(expected.Unknown, row.Unknown);
            CollectionAssert.AreEqual(expected.Words, row.Words);
            CollectionAssert.AreEqual(expected.Buffer.DenseValues().ToArray(), row.Buffer.DenseValues().ToArray());
        }
        Assert.AreEqual(4, i);
    }

    [TestMethod]
    public void CreateEnumerable_ReadsOnlyTheMembersColumns()
    {
        var source = new ProbeDataView(3);
        Assert.AreEqual(3, Ml.Data.CreateEnumerable<IdRow>(source, reuseRowObject: false).Count());
        CollectionAssert.AreEqual(new[] { "0" }, source.Asked);
    }

    [TestMethod]
    public void CreateEnumerable_ReusesTheObjectOnlyWhenAsked()
    {
        var source = new ProbeDataView(3);
        Assert.AreEqual(3, Ml.Data.CreateEnumerable<IdRow>(source, reuseRowObject: false).Distinct().Count());
        Assert.AreEqual(1, Ml.Data.CreateEnumerable<IdRow>(source, reuseRowObject: true).Distinct().Count());
    }

    [TestMethod]
    public void CreateEnumerable_OfMissingOrUnfitColumns_Throws()
    {
        var source = new ProbeDataView(3);
        Assert.Throws<Exception>(() => Ml.Data.CreateEnumerable<ScoreRow>(source, reuseRowObject: false).Count());
        Assert.AreEqual(3, Ml.Data.CreateEnumerable<ScoreRow>(source, reuseRowObject: false, ignoreMissingColumns: true).Count());
        Assert.Throws<Exception>(() => Ml.Data.CreateEnumerable<Wrong>(source, reuseRowObject: false).Count());
    }

    [TestMethod]
    public void SchemaDefinition_ChangesNamesAndTypes_AndAddsAnnotations()
    {
        var definition = SchemaDefinition.Create(typeof(IdRow));
        definition["Id"].ColumnName = "Number";
        definition["Number"].AddAnnotation("Unit", 7, NumberDataViewType.Int32);
        var data = Ml.Data.LoadFromEnumerable(new[] { new IdRow { Id = 3 } }, definition);
        Assert.AreEqual(3, data.GetColumn<int>("Number").Single());
        int unit = 0;
        data.Schema["Number"].Annotations.GetValue("Unit", ref unit);
        Assert.AreEqual(7, unit);
    }

    [TestMethod]
    public void LoadFromEnumerable_WithASchema_TakesTypesAndAnnotationsFromIt()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Unit", NumberDataViewType.Int32, 7);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Score", new VectorDataViewType(NumberDataViewType.Single, 2), annotations.ToAnnotations());
        var data = Ml.Data.LoadFromEnumerable(new[] { new ScoreRow { Score = [1, 2] } }, builder.ToSchema());
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2), data.Schema["Score"].Type);
        Assert.AreEqual("Unit", data.Schema["Score"].Annotations.Schema.Single().Name);
        CollectionAssert.AreEqual(new[] { 1f, 2 }, data.GetColumn<float[]>("Score").Single());
    }
}
