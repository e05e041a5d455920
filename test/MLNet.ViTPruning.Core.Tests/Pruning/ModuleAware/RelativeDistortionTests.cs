using MLNet.ViTPruning.Pruning.ModuleAware;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

[TestClass]
public sealed class RelativeDistortionTests
{
    [TestMethod]
    public void OfDescending_FourWeights_AreTheFractionsByHand()
    {
        var scores = RelativeDistortion.OfDescending([16, 9, 4, 1]);    // weights 4, 3, 2, 1

        CollectionAssert.AreEqual(new[] { 1, 9 / 25.0, 4 / 29.0, 1 / 30.0 }, scores);
    }

    [TestMethod]
    public void Of_AnyOrder_GivesEachItsScoreAndTheFirstOfEqualsTheLowest()
    {
        CollectionAssert.AreEqual(new[] { 1 / 30.0, 1, 4 / 29.0, 9 / 25.0 }, RelativeDistortion.Of([1, 16, 4, 9]));
        CollectionAssert.AreEqual(new[] { 1 / 3.0, 1 / 2.0, 1 }, RelativeDistortion.Of([2, 2, 2]));
    }

    [TestMethod]
    public void Of_AFactorOnAllEnergies_ChangesNothing()
    {
        double[] energies = [0.3, 7, 2.5, 0.01, 7];

        CollectionAssert.AreEqual(RelativeDistortion.Of(energies), RelativeDistortion.Of([.. energies.Select(e => e * 1024)]));
    }

    [TestMethod]
    public void Of_Zeros_ScoreZero()
    {
        CollectionAssert.AreEqual(new double[3], RelativeDistortion.Of([0, 0, 0]));
        CollectionAssert.AreEqual(new double[] { 0, 1, 0 }, RelativeDistortion.Of([0, 5, 0]));
        Assert.IsEmpty(RelativeDistortion.Of([]));
    }

    [TestMethod]
    [DataRow(-1.0)]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void Of_AnEnergyThatIsNone_IsRefused(double energy)
    {
        Assert.ThrowsExactly<ArgumentException>(() => RelativeDistortion.Of([1, energy]));
    }

    [TestMethod]
    public void OfDescending_AnotherOrder_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => RelativeDistortion.OfDescending([1, 2]));
    }
}
