using MLNet.ViTPruning.Measurement;

namespace MLNet.ViTPruning.Tests.Measurement;

[TestClass]
public sealed class ThroughputTests
{
    [TestMethod]
    public void Measure_CallsWarmUpAndRepeats()
    {
        int calls = 0;
        var timing = Throughput.Measure(() => calls++, warmUp: 2, repeats: 5);
        Assert.AreEqual(7, calls);
        Assert.AreEqual(5, timing.Repeats);
    }

    [TestMethod]
    public void Measure_GoesOnUntilTheTimeIsMeasured()
    {
        var timing = Throughput.Measure(() => Thread.Sleep(2), warmUp: 0, repeats: 1, minSeconds: 0.02);
        Assert.IsGreaterThan(1, timing.Repeats);
        Assert.IsGreaterThanOrEqualTo(0.0019, timing.FastestSeconds);
    }

    [TestMethod]
    public void Summarise_TakesMedianAndQuartiles()
    {
        var timing = Throughput.Summarise([4, 1, 2, 3, 100]);
        Assert.AreEqual(3, timing.MedianSeconds);
        Assert.AreEqual(1, timing.FastestSeconds);
        Assert.AreEqual(2.0 / 3, timing.Spread, 1e-12);
        Assert.AreEqual(32 / 3.0, timing.PerSecond(32), 1e-12);
        Assert.AreEqual(2.5, Throughput.Summarise([1, 2, 3, 4]).MedianSeconds);
    }

    [TestMethod]
    public void Measure_WrongNumbersOrCancelled_Throws()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Throughput.Measure(() => { }, repeats: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Throughput.Measure(() => { }, warmUp: -1));
        Assert.ThrowsExactly<OperationCanceledException>(() => Throughput.Measure(() => { }, cancellationToken: new CancellationToken(true)));
    }
}
