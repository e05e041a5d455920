using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class ScopeTests
{
    [TestMethod]
    public void Scope_DisposesWhatWasCreatedInIt_AndNothingElse()
    {
        using var before = ones(2);
        Tensor inside;
        using (NewDisposeScope()) inside = before + 1;
        Assert.IsTrue(inside.IsInvalid);
        Assert.IsFalse(before.IsInvalid);
    }

    [TestMethod]
    public void MoveToOuterDisposeScope_OutlivesTheInnerScopeOnly()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            using (NewDisposeScope()) moved = ones(2).MoveToOuterDisposeScope();
            Assert.IsFalse(moved.IsInvalid);
        }
        Assert.IsTrue(moved.IsInvalid);
    }

    [TestMethod]
    public void MoveToOuterDisposeScope_FromTheOutermost_LeavesTheTensorToItsCaller()
    {
        Tensor moved;
        using (NewDisposeScope()) moved = ones(2).MoveToOuterDisposeScope();
        Assert.IsFalse(moved.IsInvalid);
        moved.Dispose();
        Assert.IsTrue(moved.IsInvalid);
    }

    [TestMethod]
    public void DetachFromDisposeScope_OutlivesEveryScope()
    {
        Tensor detached;
        using (NewDisposeScope())
        using (NewDisposeScope())
            detached = ones(2).DetachFromDisposeScope();
        using (detached) Assert.IsFalse(detached.IsInvalid);
    }

    [TestMethod]
    public void Attach_GivesATensorToTheScope()
    {
        var t = ones(2);
        using (var scope = NewDisposeScope())
        {
            scope.Attach(t);
            Assert.AreEqual(1, scope.DisposablesCount);
        }
        Assert.IsTrue(t.IsInvalid);
    }

    [TestMethod]
    public void DisposeEverythingBut_KeepsOnlyWhatItIsGiven()
    {
        using var scope = NewDisposeScope();
        var (kept, gone) = (ones(2), zeros(2));
        scope.DisposeEverythingBut(kept);
        Assert.IsFalse(kept.IsInvalid);
        Assert.IsTrue(gone.IsInvalid);
    }

    [TestMethod]
    public void WrappedTensorDisposeScope_KeepsTheResultAndDropsTheRest()
    {
        Tensor? temporary = null;
        using var result = WrappedTensorDisposeScope(() => (temporary = ones(3)) + 1);
        Assert.IsTrue(temporary!.IsInvalid);
        Assert.AreEqual(6f, result.sum().item<float>());
    }

    [TestMethod]
    public void Alias_SharesMemoryButNotLifetime()
    {
        using var t = zeros(2);
        using (var alias = t.alias()) alias.fill_(3);
        Assert.AreEqual(6f, t.sum().item<float>());
    }

    [TestMethod]
    public void InPlaceOperators_ReturnTheVeryObject()
    {
        using var t = zeros(2);
        Assert.AreSame(t, t.add_(1));
        Assert.AreSame(t, t.mul_(2).sub_(1));
    }

    [TestMethod]
    public void Parameter_TakesOverTheTensorAndItsScope()
    {
        TorchSharp.Modules.Parameter p;
        using (NewDisposeScope())
        {
            var t = ones(2);
            p = nn.Parameter(t);
            Assert.IsTrue(t.IsInvalid);
            Assert.IsTrue(p.requires_grad);
        }
        Assert.IsTrue(p.IsInvalid);
    }

    [TestMethod]
    public void DisposedTensor_ThrowsInsteadOfCrashing()
    {
        var t = ones(2);
        t.Dispose();
        t.Dispose(); // twice is harmless
        try
        {
            t.sum();
            Assert.Fail("a disposed tensor was used");
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException) { }
    }
}
