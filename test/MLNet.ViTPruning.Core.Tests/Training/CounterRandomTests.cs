using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Tests.Training;

[TestClass]
public class CounterRandomTests
{
    private const int Draws = 200_000;

    [TestMethod]
    [DataRow(0.5, 0.5)]
    [DataRow(0.8, 0.8)]
    [DataRow(1, 1)]
    [DataRow(2, 5)]
    [DataRow(0.05, 0.05)]
    public void NextBeta_HasTheMomentsOfBeta(double a, double b)
    {
        var random = new CounterRandom(1, RandomPurpose.Batch, 0);
        double mean = a / (a + b), variance = a * b / ((a + b) * (a + b) * (a + b + 1)), sum = 0, squares = 0;
        for (int i = 0; i < Draws; i++)
        {
            double value = random.NextBeta(a, b);
            Assert.IsTrue(value is >= 0 and <= 1);
            sum += value;
            squares += (value - mean) * (value - mean);
        }
        Assert.AreEqual(mean, sum / Draws, 5 * Math.Sqrt(variance / Draws));
        Assert.AreEqual(variance, squares / Draws, 0.01 * variance + 5e-4);
    }

    [TestMethod]
    public void NextBeta_OfOneHalfIsTheArcsineDistribution()
    {
        var random = new CounterRandom(2, RandomPurpose.Batch, 0);
        int below = 0;
        for (int i = 0; i < Draws; i++) below += random.NextBeta(0.5, 0.5) < 0.1 ? 1 : 0;
        Assert.AreEqual(2 / Math.PI * Math.Asin(Math.Sqrt(0.1)), (double)below / Draws, 0.005);
    }

    [TestMethod]
    public void NextNormal_HasTheMomentsOfTheStandardNormal()
    {
        var random = new CounterRandom(3, RandomPurpose.Image, 0);
        double[] moments = new double[5];
        for (int i = 0; i < Draws; i++)
        {
            double value = random.NextNormal(), power = 1;
            for (int k = 0; k < moments.Length; k++, power *= value) moments[k] += power / Draws;
        }
        double[] expected = [1, 0, 1, 0, 3];
        for (int k = 0; k < moments.Length; k++) Assert.AreEqual(expected[k], moments[k], 0.08);
    }

    [TestMethod]
    public void NextInt_IsUniformAndInRange()
    {
        var random = new CounterRandom(4, RandomPurpose.Image, 0);
        var counts = new int[7];
        for (int i = 0; i < Draws; i++) counts[random.NextInt(7)]++;
        foreach (int count in counts) Assert.AreEqual(Draws / 7.0, count, 5 * Math.Sqrt(Draws / 7.0));
    }

    [TestMethod]
    public void Constructor_GivesOtherNumbersForEachOfItsArguments()
    {
        ulong[] first =
        [
            new CounterRandom(1, RandomPurpose.Order, 0).NextBits(), new CounterRandom(2, RandomPurpose.Order, 0).NextBits(),
            new CounterRandom(1, RandomPurpose.Image, 0).NextBits(), new CounterRandom(1, RandomPurpose.Order, 1).NextBits(),
            new CounterRandom(1, RandomPurpose.Order, 0, 1).NextBits(),
        ];
        Assert.AreEqual(first.Length, first.Distinct().Count());
    }
}
