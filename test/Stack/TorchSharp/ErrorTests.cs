using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.ViTPruning.Tests.Stack;

/// <summary>Shapes that do not fit are exceptions. matmul is left out: there the real package ends the process.</summary>
[TestClass]
public sealed class ErrorTests
{
    private static void Fails(Func<Tensor> call)
    {
        var e = Assert.ThrowsExactly<ExternalException>(() => call().Dispose());
        Assert.IsFalse(string.IsNullOrWhiteSpace(e.Message));
    }

    [TestMethod] public void Mm_OfShapesThatDoNotFit_Throws() => Fails(() => mm(ones(2, 3), ones(2, 3)));
    [TestMethod] public void Bmm_OfShapesThatDoNotFit_Throws() => Fails(() => bmm(ones(2, 3, 4), ones(2, 3, 4)));
    [TestMethod] public void Linear_OfShapesThatDoNotFit_Throws() => Fails(() => F.linear(ones(2, 3), ones(5, 4)));
    [TestMethod] public void Add_OfShapesThatDoNotBroadcast_Throws() => Fails(() => ones(3) + ones(4));
    [TestMethod] public void View_OfAnotherNumberOfElements_Throws() => Fails(() => ones(6).view(4, 2));
    [TestMethod] public void IndexSelect_BeyondTheEnd_Throws() => Fails(() => ones(3).index_select(0, tensor(new long[] { 3 })));
    [TestMethod] public void Cat_OfOtherSizes_Throws() => Fails(() => cat([ones(2, 3), ones(2, 4)], 0));

    [TestMethod]
    public void Message_NamesTheShapes()
    {
        var e = Assert.ThrowsExactly<ExternalException>(() => mm(ones(2, 3), ones(4, 5)));
        StringAssert.Contains(e.Message, "2x3");
        StringAssert.Contains(e.Message, "4x5");
    }

    [TestMethod]
    public void Backward_OfWhatNeedsNoGradient_Throws() =>
        Assert.ThrowsExactly<ExternalException>(() => ones(1).backward());

    [TestMethod]
    public void AfterAnError_TheLibraryGoesOn()
    {
        for (var i = 0; i < 20; i++) Assert.ThrowsExactly<ExternalException>(() => mm(ones(2, 3), ones(2, 3)));
        using var x = mm(ones(2, 3), ones(3, 2));
        Assert.AreEqual(12f, x.sum().item<float>());
    }
}
