using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class CursorTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    public void Transform_ReadsNothing()
    {
        var source = new ProbeDataView(5);
        var chain = Ml.Transforms.CopyColumns("Copy", "Id").Append(Ml.Transforms.CopyColumns("Again", "Copy")).Fit(source);
        source.Asked.Clear();
        source.Cursors = 0;
        var result = Ml.Data.ShuffleRows(Ml.Data.Cache(Ml.Data.TakeRows(chain.Transform(source), 3)), seed: 1);
        Assert.AreEqual(4, result.Schema.Count);
        Assert.AreEqual(0, source.Cursors);
    }

    [TestMethod]
    public void Cursor_AsksItsSourceOnlyForWhatIsNeeded()
    {
        var source = new ProbeDataView(4);
        var data = Ml.Transforms.CopyColumns("Copy", "Square").Fit(source).Transform(source);
        source.Asked.Clear();
        CollectionAssert.AreEqual(new[] { 0f, 1f, 4f, 9f }, data.GetColumn<float>("Copy").ToArray());
        CollectionAssert.AreEqual(new[] { "1" }, source.Asked);
        Assert.AreEqual(0, source.Reads[0]);
        Assert.AreEqual(4, source.Reads[1]);
    }

    [TestMethod]
    public void Cursor_OnlyMoving_CallsNoGetter()
    {
        var source = new ProbeDataView(4);
        var data = Ml.Transforms.CopyColumns("Copy", "Square").Fit(source).Transform(source);
        using var cursor = data.GetRowCursor(data.Schema);
        _ = cursor.GetGetter<float>(data.Schema["Copy"]);
        while (cursor.MoveNext()) { }
        CollectionAssert.AreEqual(new[] { 0, 0 }, source.Reads);
    }

    [TestMethod]
    public void GetGetter_OfAnInactiveColumn_Throws()
    {
        var loaded = Ml.Data.LoadFromEnumerable(new[] { new IdSquareRow { Id = 1 } });
        var data = Ml.Transforms.CopyColumns("Copy", "Square").Fit(loaded).Transform(loaded);
        foreach (var view in new[] { loaded, data, Ml.Data.Cache(data), Ml.Data.TakeRows(data, 1), Ml.Data.ShuffleRows(data, seed: 1) })
        {
            using var cursor = view.GetRowCursor([view.Schema["Id"]]);
            Assert.IsTrue(cursor.IsColumnActive(view.Schema["Id"]));
            Assert.IsFalse(cursor.IsColumnActive(view.Schema["Square"]));
            Assert.Throws<Exception>(() => cursor.GetGetter<float>(view.Schema["Square"]), view.GetType().Name);
        }
    }

    [TestMethod]
    public void GetGetter_OfAnotherType_Throws()
    {
        var data = Ml.Data.LoadFromEnumerable(new[] { new IdRow { Id = 1 } });
        using var cursor = data.GetRowCursor(data.Schema);
        Assert.Throws<Exception>(() => cursor.GetGetter<float>(data.Schema["Id"]));
    }

    [TestMethod]
    public void Cursor_CountsPositionsFromMinusOne()
    {
        var data = Ml.Data.LoadFromEnumerable(new[] { new IdRow(), new IdRow() });
        using var cursor = data.GetRowCursor(data.Schema);
        Assert.AreEqual(-1, cursor.Position);
        Assert.IsTrue(cursor.MoveNext());
        Assert.AreEqual(0, cursor.Position);
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void SeveralCursors_AtOnce_DoNotDisturbEachOther()
    {
        var loaded = Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 2000).Select(i => new IdRow { Id = i }).ToList());
        var data = Ml.Data.Cache(Ml.Transforms.CopyColumns("Copy", "Id").Fit(loaded).Transform(loaded));
        var expected = Enumerable.Range(0, 2000).ToArray();
        Parallel.For(0, 4, _ => CollectionAssert.AreEqual(expected, data.GetColumn<int>("Copy").ToArray()));
    }

    [TestMethod]
    public void GetRowCursorSet_DeliversEachRowOnce()
    {
        var data = Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => new IdRow { Id = i }).ToList());
        var ids = new List<int>();
        foreach (var cursor in data.GetRowCursorSet(data.Schema, 4))
        {
            using var _ = cursor;
            var getter = cursor.GetGetter<int>(data.Schema["Id"]);
            for (int id = 0; cursor.MoveNext(); ids.Add(id)) getter(ref id);
        }
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 50).ToArray(), ids);
    }
}
