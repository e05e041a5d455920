using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class SchemaTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    public void SecondColumnOfAName_HidesTheFirst()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", NumberDataViewType.Single);
        builder.AddColumn("A", NumberDataViewType.Int32);
        var schema = builder.ToSchema();
        CollectionAssert.AreEqual(new[] { true, false, false }, schema.Select(c => c.IsHidden).ToArray());
        Assert.AreEqual(2, schema["A"].Index);
        Assert.AreEqual(NumberDataViewType.Int32, schema.GetColumnOrNull("A")!.Value.Type);
        Assert.IsNull(schema.GetColumnOrNull("C"));
        Assert.Throws<ArgumentException>(() => schema["C"]);
    }

    [TestMethod]
    public void HiddenColumn_IsReadByItsIndex()
    {
        var source = new ProbeDataView(3);
        var data = Ml.Transforms.CopyColumns("Id", "Square").Fit(source).Transform(source);
        CollectionAssert.AreEqual(new[] { 0f, 1f, 4f }, data.GetColumn<float>("Id").ToArray());
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, data.GetColumn<int>(data.Schema[0]).ToArray());
    }

    [TestMethod]
    public void Annotations_AreComputedWhenAskedFor()
    {
        int calls = 0;
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add("Kind", NumberDataViewType.Int32, (ref int value) => value = ++calls);
        builder.AddPrimitiveValue("Text", TextDataViewType.Instance, "abc".AsMemory());
        var annotations = builder.ToAnnotations();
        Assert.AreEqual(0, calls);
        int got = 0;
        annotations.GetValue("Kind", ref got);
        Assert.AreEqual(1, got);
        ReadOnlyMemory<char> text = default;
        annotations.GetValue("Text", ref text);
        Assert.AreEqual("abc", text.ToString());
        Assert.Throws<Exception>(() => annotations.GetValue("Other", ref got));
        Assert.AreEqual(0, DataViewSchema.Annotations.Empty.Schema.Count);

        var chosen = new DataViewSchema.Annotations.Builder();
        chosen.Add(annotations, kind => kind == "Text");
        Assert.AreEqual("Text", chosen.ToAnnotations().Schema.Single().Name);
    }

    [TestMethod]
    public void KeyValuesAndSlotNames_AreFoundByTypeAndSize()
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(2, ["a".AsMemory(), "b".AsMemory()]);
        var builder = new DataViewSchema.Annotations.Builder();
        foreach (var kind in new[] { "KeyValues", "SlotNames" })
            builder.Add(kind, new VectorDataViewType(TextDataViewType.Instance, 2), (ref VBuffer<ReadOnlyMemory<char>> value) =>
                names.CopyTo(ref value));
        var annotations = builder.ToAnnotations();
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Key", new KeyDataViewType(typeof(uint), 2), annotations);
        schema.AddColumn("Vector", new VectorDataViewType(NumberDataViewType.Single, 2), annotations);
        schema.AddColumn("Wrong", new VectorDataViewType(NumberDataViewType.Single, 3), annotations);
        var columns = schema.ToSchema();
        Assert.IsTrue(columns["Key"].HasKeyValues());
        Assert.IsTrue(columns["Vector"].HasSlotNames());
        Assert.IsFalse(columns["Vector"].HasKeyValues());
        Assert.IsFalse(columns["Wrong"].HasSlotNames());
        VBuffer<ReadOnlyMemory<char>> read = default;
        columns["Key"].GetKeyValues(ref read);
        Assert.AreEqual("b", read.GetItemOrDefault(1).ToString());
    }

    [TestMethod]
    public void VectorDataViewType_KnowsItsSizeAndComparesDimensions()
    {
        var vector = new VectorDataViewType(NumberDataViewType.Single, 2, 3);
        Assert.AreEqual(6, vector.Size);
        Assert.IsTrue(vector.IsKnownSize);
        Assert.AreEqual(typeof(VBuffer<float>), vector.RawType);
        Assert.AreEqual(vector, new VectorDataViewType(NumberDataViewType.Single, ImmutableArray.Create(2, 3)));
        Assert.AreNotEqual(vector, new VectorDataViewType(NumberDataViewType.Single, 6));
        Assert.IsFalse(new VectorDataViewType(NumberDataViewType.Single).IsKnownSize);
        Assert.Throws<ArgumentException>(() => new VectorDataViewType(NumberDataViewType.Single, -1));
    }

    [TestMethod]
    public void DataViewRowId_DerivedIdsDifferAndRepeat()
    {
        var id = new DataViewRowId(5, 7);
        var all = new[] { id, id.Fork(), id.Next(), id.Combine(new DataViewRowId(1, 0)), id.Combine(new DataViewRowId(2, 0)), id.Fork().Next() };
        Assert.AreEqual(all.Length, all.Distinct().Count());
        Assert.AreEqual(id.Fork(), new DataViewRowId(5, 7).Fork());
    }
}
