using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

/// <summary>Whatever stands between the rows and the reader, a row's columns belong together and none is lost.</summary>
[TestClass]
public class ViewEquivalenceTests
{
    private static readonly MLContext Ml = new(seed: 1);

    private static IDataView Apply(int kind, IDataView data, int seed) => kind switch
    {
        0 => Ml.Data.ShuffleRows(data, seed, shufflePoolSize: 1 + seed % 40),
        1 => Ml.Data.Cache(data),
        2 => Ml.Transforms.CopyColumns($"Copy{seed}", "Square").Fit(data).Transform(data),
        3 => Ml.Data.FilterRowsByColumn(data, "Square", lowerBound: -1),
        4 => Ml.Data.TakeRows(data, 1000),
        _ => new TransformerChain<ITransformer>(new ProbeScorer(new("m"), seed, "Id")).Transform(data),
    };

    [TestMethod]
    public void RandomChains_KeepRowsWhole()
    {
        var random = new Random(5);
        for (int round = 0; round < 60; round++)
        {
            IDataView data = new ProbeDataView(50);
            var kinds = Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(6)).ToArray();
            foreach (int kind in kinds) data = Apply(kind, data, random.Next(1, 1000));
            var said = string.Join(" ", kinds);
            for (int pass = 0; pass < 2; pass++)
            {
                var rows = Ml.Data.CreateEnumerable<IdSquareRow>(data, reuseRowObject: false).ToArray();
                CollectionAssert.AreEquivalent(Enumerable.Range(0, 50).ToArray(), rows.Select(r => r.Id).ToArray(), said);
                foreach (var row in rows) Assert.AreEqual((float)row.Id * row.Id, row.Square, said);
                CollectionAssert.AreEqual(rows.Select(r => r.Id).ToArray(), data.GetColumn<int>("Id").ToArray(), said);
            }
            var scored = Ml.Data.CreateEnumerable<ScoreRow>(data, reuseRowObject: true, ignoreMissingColumns: true);
            if (kinds.Contains(5)) foreach (var row in scored) Assert.AreEqual(row.Id, row.Score[0], said);
        }
    }

    [TestMethod]
    public void RowIds_AreTheSameInEveryPass_AndUnlikeEachOther()
    {
        for (int kind = 0; kind < 6; kind++)
        {
            var data = Apply(kind, new ProbeDataView(50), seed: 7);
            CollectionAssert.AreEqual(Ids(data), Ids(data), $"view {kind}");
            Assert.AreEqual(50, Ids(data).Distinct().Count(), $"view {kind}");
        }
    }

    private static DataViewRowId[] Ids(IDataView data)
    {
        using var cursor = data.GetRowCursor([]);
        var getter = cursor.GetIdGetter();
        var ids = new List<DataViewRowId>();
        for (DataViewRowId id = default; cursor.MoveNext(); ids.Add(id)) getter(ref id);
        return [.. ids];
    }
}
