using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class SplitTests
{
    private sealed class Grouped
    {
        public int Id { get; set; }
        public string Group { get; set; } = "";
    }

    private static readonly MLContext Ml = new(seed: 1);

    private static IDataView Rows(int n) =>
        Ml.Data.LoadFromEnumerable(Enumerable.Range(0, n).Select(i => new Grouped { Id = i, Group = $"g{i % 50}" }).ToList());
    private static int[] Ids(IDataView data) => data.GetColumn<int>("Id").ToArray();

    [TestMethod]
    public void TrainTestSplit_IsDisjointCompleteAndRepeatable()
    {
        var split = Ml.Data.TrainTestSplit(Rows(1000), testFraction: 0.25, seed: 5);
        var (train, test) = (Ids(split.TrainSet), Ids(split.TestSet));
        Assert.AreEqual(0, train.Intersect(test).Count());
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 1000).ToArray(), train.Concat(test).ToArray());
        Assert.IsTrue(test.Length is > 180 and < 320, $"{test.Length} of 1000 rows in the test set");
        CollectionAssert.AreEqual(test, Ids(split.TestSet));
        CollectionAssert.AreEqual(test, Ids(Ml.Data.TrainTestSplit(Rows(1000), testFraction: 0.25, seed: 5).TestSet));
    }

    [TestMethod]
    public void TrainTestSplit_WithSamplingKey_KeepsGroupsTogether()
    {
        var split = Ml.Data.TrainTestSplit(Rows(1000), testFraction: 0.3, samplingKeyColumnName: "Group", seed: 5);
        var train = split.TrainSet.GetColumn<string>("Group").ToHashSet();
        var test = split.TestSet.GetColumn<string>("Group").ToHashSet();
        Assert.AreEqual(0, train.Intersect(test).Count());
        Assert.AreEqual(50, train.Count + test.Count);
        Assert.AreEqual(1000, Ids(split.TrainSet).Length + Ids(split.TestSet).Length);
    }

    [TestMethod]
    public void CrossValidationSplit_TestsEachRowOnce()
    {
        var folds = Ml.Data.CrossValidationSplit(Rows(300), numberOfFolds: 3, seed: 5);
        Assert.AreEqual(3, folds.Count);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 300).ToArray(), folds.SelectMany(f => Ids(f.TestSet)).ToArray());
        foreach (var fold in folds)
        {
            CollectionAssert.AreEquivalent(Enumerable.Range(0, 300).ToArray(), Ids(fold.TrainSet).Concat(Ids(fold.TestSet)).ToArray());
            Assert.IsTrue(Ids(fold.TestSet).Length > 50);
        }
    }

    [TestMethod]
    public void Splits_RefuseWhatMakesNoSense()
    {
        Assert.Throws<Exception>(() => Ml.Data.TrainTestSplit(Rows(3), testFraction: 0));
        Assert.Throws<Exception>(() => Ml.Data.TrainTestSplit(Rows(3), testFraction: 1));
        Assert.Throws<Exception>(() => Ml.Data.CrossValidationSplit(Rows(3), numberOfFolds: 1));
        Assert.Throws<Exception>(() => Ml.Data.TrainTestSplit(Rows(3), samplingKeyColumnName: "Nowhere"));
    }
}
