using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class KeyTests
{
    private sealed class Labelled
    {
        [KeyType(3)] public uint Label { get; set; }
    }

    private sealed class Plain
    {
        public uint Label { get; set; }
    }

    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    public void LoadFromEnumerable_KeyMember_CountsFromZeroOutsideAndFromOneInCursors()
    {
        var data = Ml.Data.LoadFromEnumerable(new[] { 0u, 1u, 2u }.Select(v => new Labelled { Label = v }).ToList());
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), data.Schema["Label"].Type);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 3 }, data.GetColumn<uint>("Label").ToArray());
    }

    [TestMethod]
    public void LoadFromEnumerable_KeyOutOfRange_IsMissing() =>
        CollectionAssert.AreEqual(new uint[] { 0, 0 }, Ml.Data.LoadFromEnumerable(new[] { new Labelled { Label = 3 }, new Labelled { Label = uint.MaxValue } }).GetColumn<uint>("Label").ToArray());

    [TestMethod]
    public void CreateEnumerable_KeyMember_IsWrittenFromOne()
    {
        var data = Ml.Data.LoadFromEnumerable(new[] { 0u, 2u }.Select(v => new Labelled { Label = v }).ToList());
        CollectionAssert.AreEqual(new uint[] { 1, 3 }, Ml.Data.CreateEnumerable<Labelled>(data, reuseRowObject: false).Select(r => r.Label).ToArray());
        CollectionAssert.AreEqual(new uint[] { 1, 3 }, Ml.Data.CreateEnumerable<Plain>(data, reuseRowObject: false).Select(r => r.Label).ToArray());
    }

    [TestMethod]
    public void PredictionEngine_KeyMember_IsReadFromZeroAndWrittenFromOne()
    {
        var copy = Ml.Transforms.CopyColumns("Copy", "Label").Fit(Ml.Data.LoadFromEnumerable(new List<Labelled>()));
        using var engine = Ml.Model.CreatePredictionEngine<Labelled, Plain>(copy);
        Assert.AreEqual(2u, engine.Predict(new Labelled { Label = 1 }).Label);
    }

    [TestMethod]
    public void KeyDataViewType_RefusesWhatIsNoKey()
    {
        Assert.Throws<ArgumentException>(() => new KeyDataViewType(typeof(uint), 0));
        Assert.Throws<ArgumentException>(() => new KeyDataViewType(typeof(int), 3));
        Assert.Throws<ArgumentException>(() => new KeyDataViewType(typeof(byte), 256));
        Assert.IsTrue(KeyDataViewType.IsValidDataType(typeof(ulong)));
        Assert.IsFalse(KeyDataViewType.IsValidDataType(typeof(long)));
    }
}
