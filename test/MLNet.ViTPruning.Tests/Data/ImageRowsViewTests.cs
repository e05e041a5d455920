using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;

namespace MLNet.ViTPruning.Tests.Data;

[TestClass]
public sealed class ImageRowsViewTests
{
    private static List<(int Image, uint Label, ulong Id)> ReadAll(IDataView view, Random? random = null)
    {
        var rows = new List<(int, uint, ulong)>();
        using var cursor = view.GetRowCursor(view.Schema, random);
        var (image, label, id) = (cursor.GetGetter<MLImage>(view.Schema["Image"]), cursor.GetGetter<uint>(view.Schema["Label"]), cursor.GetIdGetter());
        MLImage picture = null!;
        uint key = 0;
        DataViewRowId rowId = default;
        while (cursor.MoveNext())
        {
            Assert.AreEqual(rows.Count, cursor.Position);
            image(ref picture);
            label(ref key);
            id(ref rowId);
            rows.Add((FakeRows.RowOf(picture), key, rowId.Low));
        }
        Assert.AreEqual(-1, cursor.Position);
        Assert.IsFalse(cursor.MoveNext());
        picture?.Dispose();
        return rows;
    }

    [TestMethod]
    public void Rows_KeepTheirOrder_WhenSomeDecodeSlowly()
    {
        var rows = new FakeRows(300, row => Thread.Sleep(row % 17 == 0 ? 3 : 0));
        var read = ReadAll(new ImageRowsView(rows));
        CollectionAssert.AreEqual(Enumerable.Range(0, 300).Select(i => (i, (uint)i + 1, (ulong)i)).ToList(), read);
        Assert.AreEqual(300, rows.Decoded, "each image is decoded once");
    }

    [TestMethod]
    public void Decoding_RunsAheadOnSeveralThreads_WithinTheWindow()
    {
        using var twoAtOnce = new CountdownEvent(2);
        var rows = new FakeRows(200, _ =>
        {
            if (twoAtOnce.IsSet) return;
            try
            {
                twoAtOnce.Signal();
            }
            catch (InvalidOperationException)       // a third one came at the same time
            {
            }
            twoAtOnce.Wait(TimeSpan.FromSeconds(5));
        });
        var view = new ImageRowsView(rows);
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.IsTrue(cursor.MoveNext());
        const int Ahead = DecodeAhead.Window - 1;           // the present row is left to who asks for it
        Assert.IsTrue(SpinWait.SpinUntil(() => rows.Decoded == Ahead, TimeSpan.FromSeconds(20)), $"{rows.Decoded} decoded");
        Assert.IsGreaterThanOrEqualTo(2, rows.MostAtOnce);
        Thread.Sleep(20);
        Assert.AreEqual(Ahead, rows.Decoded, "the reader stands still, so must the workers");
    }

    [TestMethod]
    public void AnInactiveImageColumn_DecodesNothing()
    {
        var rows = new FakeRows(100);
        var view = new ImageRowsView(rows);
        using (var cursor = view.GetRowCursor([view.Schema["Label"]]))
        {
            Assert.IsFalse(cursor.IsColumnActive(view.Schema["Image"]));
            Assert.ThrowsExactly<ArgumentException>(() => cursor.GetGetter<MLImage>(view.Schema["Image"]));
            var label = cursor.GetGetter<uint>(view.Schema["Label"]);
            uint key = 0;
            for (var i = 1u; cursor.MoveNext(); i++)
            {
                label(ref key);
                Assert.AreEqual(i, key);
            }
        }
        Assert.AreEqual(0, rows.Decoded);
        Assert.AreEqual(100, view.GetRowCount());
        Assert.AreEqual(0, rows.Decoded);
    }

    [TestMethod]
    public void AReaderThatSkipsRows_DecodesLittleMoreThanItTakes()
    {
        var rows = new FakeRows(2000);
        var view = new ImageRowsView(rows);
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage image = null!;
        var taken = 0;
        while (cursor.MoveNext())
        {
            if (cursor.Position % 50 != 49) continue;
            getter(ref image);
            Assert.AreEqual(cursor.Position, FakeRows.RowOf(image));
            taken++;
        }
        Assert.AreEqual(40, taken);
        Assert.IsLessThanOrEqualTo(2 * taken + DecodeAhead.Window, rows.Decoded);
    }

    [TestMethod]
    public void Shuffling_IsAPermutation_TheSameForTheSameSeed()
    {
        var view = new ImageRowsView(new FakeRows(500));
        Assert.IsTrue(view.CanShuffle);
        var (first, second, other) = (ReadAll(view, new Random(3)), ReadAll(view, new Random(3)), ReadAll(view, new Random(4)));
        CollectionAssert.AreEqual(first, second);
        CollectionAssert.AreNotEqual(first, other);
        CollectionAssert.AreEqual(Enumerable.Range(0, 500).ToArray(), first.Select(r => r.Image).Order().ToArray());
        Assert.IsTrue(first.All(r => r.Label == r.Image + 1 && r.Id == (ulong)r.Image), "label and id go with their image");
    }

    [TestMethod]
    public void Cursors_AreIndependent()
    {
        var view = new ImageRowsView(new FakeRows(400));
        var results = new List<(int, uint, ulong)>[6];
        var threads = Enumerable.Range(0, 6).Select(i => new Thread(() => results[i] = ReadAll(view, i % 2 == 0 ? null : new Random(7)))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        foreach (var i in new[] { 2, 4 }) CollectionAssert.AreEqual(results[0], results[i]);
        foreach (var i in new[] { 3, 5 }) CollectionAssert.AreEqual(results[1], results[i]);
    }

    [TestMethod]
    public void AFaultyImage_ThrowsAtItsRow_AndOthersAreStillRead()
    {
        var view = new ImageRowsView(new FakeRows(60, row => _ = row == 31 ? throw new InvalidDataException("row 31 is broken") : 0));
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage image = null!;
        for (var i = 0; cursor.MoveNext(); i++)
        {
            if (i != 31)
            {
                getter(ref image);
                Assert.AreEqual(i, FakeRows.RowOf(image));
                continue;
            }
            Assert.AreEqual("row 31 is broken", Assert.ThrowsExactly<InvalidDataException>(() => getter(ref image)).Message);
            Assert.IsNull(image);
        }
    }

    [TestMethod]
    public void Images_BelongToTheirReader()
    {
        var view = new ImageRowsView(new FakeRows(3));
        MLImage first = null!, again = null!, last = null!;
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
            cursor.MoveNext();
            getter(ref first);
            getter(ref again);
            Assert.AreNotSame(first, again, "each call gives one of its own");
            cursor.MoveNext();
            var handedIn = again;
            getter(ref again);
            Assert.ThrowsExactly<InvalidOperationException>(() => _ = handedIn.Width, "the one handed in is disposed");
            cursor.MoveNext();
            getter(ref last);
        }
        Assert.AreEqual((0, 1, 2), (FakeRows.RowOf(first), FakeRows.RowOf(again), FakeRows.RowOf(last)), "they outlive the cursor");
    }

    [TestMethod]
    public void Disposing_StopsTheWorkers()
    {
        var rows = new FakeRows(10_000, _ => Thread.Sleep(2));
        var view = new ImageRowsView(rows);
        using (var cursor = view.GetRowCursor(view.Schema)) cursor.MoveNext();
        var decoded = rows.Decoded;
        Thread.Sleep(30);
        Assert.AreEqual(decoded, rows.Decoded);
        Assert.IsLessThanOrEqualTo(DecodeAhead.Window, decoded);
    }

    [TestMethod]
    public void LargeImages_AreNotHeldAhead()
    {
        var rows = new FakeRows(40, bytes: 200L << 20);         // one fits into the budget
        var view = new ImageRowsView(rows);
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage image = null!;
        for (var i = 0; cursor.MoveNext(); i++)
        {
            Thread.Sleep(1);
            Assert.IsLessThanOrEqualTo(i + 1, rows.Decoded);
            getter(ref image);
            Assert.AreEqual(i, FakeRows.RowOf(image));
        }
        Assert.AreEqual(40, rows.Decoded);
    }

    [TestMethod]
    public void ABusyThreadPool_DoesNotStopReading()
    {
        var release = new ManualResetEventSlim();       // not disposed: blocked items may still be queued
        ThreadPool.GetMinThreads(out var workers, out _);
        for (var i = 0; i < 4 * workers; i++) ThreadPool.QueueUserWorkItem(_ => release.Wait());
        try
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            Assert.HasCount(200, ReadAll(new ImageRowsView(new FakeRows(200))));
            Assert.IsLessThan(TimeSpan.FromSeconds(5), clock.Elapsed);
        }
        finally
        {
            release.Set();
        }
    }

    [TestMethod]
    public void Getters_CheckTheirUse()
    {
        var view = new ImageRowsView(new FakeRows(2));
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["Label"]));
        var getter = cursor.GetGetter<uint>(view.Schema["Label"]);
        uint key = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => getter(ref key), "before MoveNext");
        var other = new ImageRowsView(new FakeRows(2)).Schema;
        Assert.AreEqual("Label", other[1].Name);
        Assert.HasCount(1, view.GetRowCursorSet(view.Schema, 4));
    }

    [TestMethod]
    public void ManyCursors_LeaveNoMemoryBehind()
    {
        var rows = new FakeRows(64);
        var view = new ImageRowsView(rows);
        long Live()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var cursor = view.GetRowCursor(view.Schema);
                for (var moved = 0; moved < 20 && cursor.MoveNext(); moved++)
                {
                }
            }
        }
        Run(20);
        var before = Live();
        Run(300);
        Assert.IsLessThan(before + 200_000, Live());
    }
}
