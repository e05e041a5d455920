using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class CholeskyTests
{
    [TestMethod]
    public void CholeskySolve_SolvesAPositiveDefiniteSystem()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new double[] { 4, 1, 1, 3 }, [2, 2]);
        var b = tensor(new double[] { 1, 2 }, [2, 1]);
        var (factor, info) = linalg.cholesky_ex(a);
        Assert.AreEqual(0, info.ToInt32());
        Assert.IsTrue(a.mm(cholesky_solve(b, factor)).allclose(b));
        Assert.IsTrue(b.cholesky_solve(factor).allclose(cholesky_solve(b, factor)));
    }

    [TestMethod]
    public void CholeskyEx_OfAnIndefiniteMatrix_SaysSoWithoutThrowing()
    {
        using var scope = NewDisposeScope();
        var (_, info) = linalg.cholesky_ex(tensor(new double[] { 1, 2, 2, 1 }, [2, 2]));
        Assert.AreEqual(2, info.ToInt32());
    }
}
