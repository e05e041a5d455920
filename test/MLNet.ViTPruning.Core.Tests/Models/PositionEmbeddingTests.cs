using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class PositionEmbeddingTests
{
    private static Tensor Ramp(long prefix, long side)
    {
        var rows = arange(side, dtype: ScalarType.Float32).unsqueeze(1).expand(side, side).reshape(-1);
        var columns = arange(side, dtype: ScalarType.Float32).unsqueeze(0).expand(side, side).reshape(-1);
        return cat([full(prefix, 2, -7f), stack([rows, columns], 1)], 0).unsqueeze(0);
    }

    [TestMethod]
    [DataRow(14, 14)]
    [DataRow(7, 14)]
    [DataRow(4, 6)]
    [DataRow(14, 7)]
    public void Interpolate_KeepsPrefixTokens_AndALinearRampInside(int from, int to)
    {
        using var scope = NewDisposeScope();
        var resampled = PositionEmbedding.Interpolate(Ramp(2, from), 2, to);
        CollectionAssert.AreEqual(new long[] { 1, 2 + (long)to * to, 2 }, resampled.shape);
        var values = resampled.data<float>().ToArray();
        Assert.IsTrue(values[..4].All(v => v == -7));
        double scale = (double)from / to;
        for (int r = 2; r < to - 2; r++)
            for (int c = 2; c < to - 2; c++)
            {
                Assert.AreEqual((r + 0.5) * scale - 0.5, values[4 + 2 * (r * to + c)], 0.08);
                Assert.AreEqual((c + 0.5) * scale - 0.5, values[4 + 2 * (r * to + c) + 1], 0.08);
            }
    }

    [TestMethod]
    public void InterpolateBias_SameWindow_IsTheSame_AndAnotherHasItsRows()
    {
        using var scope = NewDisposeScope();
        var table = randn(49, 3, generator: new Generator(1));
        SmallModels.AreClose(table.data<float>().ToArray(), PositionEmbedding.InterpolateBias(table, 4).data<float>().ToArray(), 1e-5);
        CollectionAssert.AreEqual(new long[] { 169, 3 }, PositionEmbedding.InterpolateBias(table, 7).shape);
    }

    [TestMethod]
    public void Interpolate_NoSquare_Throws()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsExactly<ArgumentException>(() => PositionEmbedding.Interpolate(zeros(1, 12, 4), 1, 7));
        Assert.ThrowsExactly<ArgumentException>(() => PositionEmbedding.Interpolate(zeros(17, 4), 1, 7));
        Assert.ThrowsExactly<ArgumentException>(() => PositionEmbedding.InterpolateBias(zeros(50, 4), 7));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PositionEmbedding.Interpolate(zeros(1, 17, 4), 1, 0));
    }
}
