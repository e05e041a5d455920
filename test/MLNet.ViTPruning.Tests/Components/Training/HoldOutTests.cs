using MLNet.ViTPruning.Components;

namespace MLNet.ViTPruning.Tests.Components.Training;

[TestClass]
public sealed class HoldOutTests
{
    [TestMethod]
    public void Draw_TakesTheSameShareOfEachClass_AndLosesNone()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 50; trial++)
        {
            int classes = random.Next(1, 12);
            var labels = Enumerable.Range(0, random.Next(1, 400)).Select(_ => random.Next(random.Next(1, classes + 1))).ToList();
            double fraction = 0.02 + 0.9 * random.NextDouble();
            var (train, validation) = HoldOut.Draw(labels, fraction, trial);

            CollectionAssert.AreEqual(Enumerable.Range(0, labels.Count).ToArray(), train.Concat(validation).Order().ToArray());
            foreach (var group in labels.Index().GroupBy(l => l.Item))
            {
                int held = validation.Count(i => labels[i] == group.Key);
                Assert.IsTrue(train.Any(i => labels[i] == group.Key), "a class keeps an image to learn from");
                Assert.IsLessThan(fraction * group.Count() + 2.0 + classes, (double)held);
            }
            CollectionAssert.AreEqual(validation, HoldOut.Draw(labels, fraction, trial).Validation);
        }
    }

    [TestMethod]
    public void Draw_OfBalancedClasses_IsBalanced()
    {
        var labels = Enumerable.Range(0, 1000).Select(i => i % 10).ToList();
        var (train, validation) = HoldOut.Draw(labels, 0.1, seed: 7);
        Assert.HasCount(900, train);
        for (int label = 0; label < 10; label++) Assert.AreEqual(10, validation.Count(i => labels[i] == label));
        CollectionAssert.AreNotEqual(validation, HoldOut.Draw(labels, 0.1, seed: 8).Validation);
    }
}
