using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class CacheTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    public void Cache_ReadsEachColumnFromItsSourceOnce()
    {
        var source = new ProbeDataView(20);
        var cached = Ml.Data.Cache(source);
        Assert.AreEqual(0, source.Cursors);
        var expected = Enumerable.Range(0, 20).ToArray();
        for (int pass = 0; pass < 3; pass++) CollectionAssert.AreEqual(expected, cached.GetColumn<int>("Id").ToArray());
        Assert.AreEqual(20, source.Reads[0]);
        Assert.AreEqual(0, source.Reads[1]);
        for (int pass = 0; pass < 2; pass++)
            foreach (var row in Ml.Data.CreateEnumerable<IdSquareRow>(cached, reuseRowObject: true)) Assert.AreEqual((float)row.Id * row.Id, row.Square);
        Assert.AreEqual(20, source.Reads[0]);
        Assert.AreEqual(20, source.Reads[1]);
    }

    [TestMethod]
    public void Cache_OfVectors_GivesCopies()
    {
        var cached = Ml.Data.Cache(Ml.Data.LoadFromEnumerable(new[] { new ScoreRow { Id = 1, Score = [1, 2] }, new ScoreRow { Id = 2, Score = [3] } }));
        for (int pass = 0; pass < 2; pass++)
        {
            using var cursor = cached.GetRowCursor(cached.Schema);
            var getter = cursor.GetGetter<VBuffer<float>>(cached.Schema["Score"]);
            VBuffer<float> score = default;
            cursor.MoveNext();
            getter(ref score);
            CollectionAssert.AreEqual(new[] { 1f, 2 }, score.DenseValues().ToArray());
            var editor = VBufferEditor.CreateFromBuffer(ref score);
            editor.Values.Fill(9); // the caller's own buffer: the cache must not notice
        }
    }

    [TestMethod]
    public void CacheCheckpoint_LetsLaterEstimatorsReadFromMemory()
    {
        var source = new ProbeDataView(10);
        var (first, second, third) = (new ProbeEstimator("1", 1), new ProbeEstimator("2", 2), new ProbeEstimator("3", 3));
        Ml.Transforms.CopyColumns("Copy", "Id").AppendCacheCheckpoint(Ml).Append(first).Append(second).Append(third).Fit(source);
        Assert.AreEqual(10, source.Reads[0], "the source's Id is read once for three trainers");
        Assert.AreEqual("2", third.Upstream?.Name);
    }

    [TestMethod]
    public void CacheCheckpoint_OfAnEmptyChain_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new EstimatorChain<ITransformer>().AppendCacheCheckpoint(Ml));
}
