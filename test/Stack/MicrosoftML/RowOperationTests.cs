using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class RowOperationTests
{
    private static readonly MLContext Ml = new(seed: 1);

    private static IDataView Rows(int n) => Ml.Data.LoadFromEnumerable(Enumerable.Range(0, n).Select(i => new IdRow { Id = i }).ToList());
    private static int[] Ids(IDataView data) => data.GetColumn<int>("Id").ToArray();

    [TestMethod]
    public void TakeAndSkip_DeliverTheirRows_AndReadNoMore()
    {
        var source = new ProbeDataView(10);
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, Ids(Ml.Data.TakeRows(source, 3)));
        Assert.IsTrue(source.Moves <= 4, $"{source.Moves} moves for three rows");
        CollectionAssert.AreEqual(new[] { 8, 9 }, Ids(Ml.Data.SkipRows(source, 8)));
        CollectionAssert.AreEqual(new[] { 4, 5 }, Ids(Ml.Data.TakeRows(Ml.Data.SkipRows(source, 4), 2)));
        Assert.AreEqual(10, Ids(Ml.Data.TakeRows(source, 100)).Length);
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(1000)]
    public void ShuffleRows_IsAPermutation_FixedByItsSeed(int pool)
    {
        var data = Ml.Data.ShuffleRows(Rows(200), seed: 3, shufflePoolSize: pool);
        var first = Ids(data);
        CollectionAssert.AreEqual(first, Ids(data));
        CollectionAssert.AreEqual(first, Ids(Ml.Data.ShuffleRows(Rows(200), seed: 3, shufflePoolSize: pool)));
        CollectionAssert.AreNotEqual(first, Ids(Ml.Data.ShuffleRows(Rows(200), seed: 4, shufflePoolSize: pool)));
        CollectionAssert.AreNotEqual(Enumerable.Range(0, 200).ToArray(), first);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 200).ToArray(), first);
    }

    [TestMethod]
    public void ShuffleRows_OfASourceThatCannotShuffle_MovesRowsOnlyAsFarForwardAsThePoolReaches()
    {
        var ids = Ids(Ml.Data.ShuffleRows(new ProbeDataView(200), seed: 3, shufflePoolSize: 10));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 200).ToArray(), ids);
        for (int i = 0; i < ids.Length; i++) Assert.IsTrue(ids[i] < i + 100, $"row {ids[i]} came at place {i}");
    }

    [TestMethod]
    public void ShuffleRows_KeepsTheColumnsOfARowTogether()
    {
        foreach (var row in Ml.Data.CreateEnumerable<IdSquareRow>(Ml.Data.ShuffleRows(new ProbeDataView(100), seed: 3), reuseRowObject: false))
            Assert.AreEqual((float)row.Id * row.Id, row.Square);
    }

    [TestMethod]
    public void ShuffleRows_OfVectors_KeepsTheirValues()
    {
        var rows = Enumerable.Range(0, 30).Select(i => new ScoreRow { Id = i, Score = [.. Enumerable.Repeat((float)i, i % 4)] }).ToList();
        foreach (var row in Ml.Data.CreateEnumerable<ScoreRow>(Ml.Data.ShuffleRows(Ml.Data.LoadFromEnumerable(rows), seed: 1, shufflePoolSize: 5), reuseRowObject: true))
            CollectionAssert.AreEqual(rows[row.Id].Score, row.Score);
    }

    [TestMethod]
    public void FilterRowsByColumn_IncludesTheLowerBoundOnly() =>
        CollectionAssert.AreEqual(new[] { 2 }, Ids(Ml.Data.FilterRowsByColumn(new ProbeDataView(10), "Square", 4, 9)));

    [TestMethod]
    public void FilterRowsByMissingValues_DropsNaN()
    {
        var data = Ml.Data.LoadFromEnumerable(new[] { new IdSquareRow { Id = 0 }, new IdSquareRow { Id = 1, Square = float.NaN }, new IdSquareRow { Id = 2 } });
        CollectionAssert.AreEqual(new[] { 0, 2 }, Ids(Ml.Data.FilterRowsByMissingValues(data, "Square")));
    }

    [TestMethod]
    public void BootstrapSample_AndItsComplement_HoldEachRow()
    {
        var sample = Ids(Ml.Data.BootstrapSample(new ProbeDataView(1000), seed: 2));
        var rest = Ids(Ml.Data.BootstrapSample(new ProbeDataView(1000), seed: 2, complement: true));
        Assert.AreEqual(0, sample.Intersect(rest).Count());
        Assert.AreEqual(1000, sample.Distinct().Count() + rest.Length);
        Assert.IsTrue(sample.Length is > 850 and < 1150 && rest.Length is > 300 and < 440, $"{sample.Length} drawn, {rest.Length} not");
    }

    [TestMethod]
    public void LoadFromEnumerable_OfALazySequence_IsEnumeratedOnceForEachCursor()
    {
        int passes = 0;
        IEnumerable<IdRow> Sequence()
        {
            passes++;
            for (int i = 0; i < 3; i++) yield return new IdRow { Id = i };
        }
        var data = Ml.Data.LoadFromEnumerable(Sequence());
        Assert.AreEqual(0, passes);
        Assert.IsNull(data.GetRowCount());
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, Ids(data));
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, Ids(data));
        Assert.AreEqual(2, passes);
    }
}
