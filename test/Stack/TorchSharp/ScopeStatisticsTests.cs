using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class ScopeStatisticsTests
{
    private static ThreadDisposeScopeStatistics Fresh()
    {
        DisposeScopeManager.Statistics.Reset();
        return DisposeScopeManager.Statistics;
    }

    [TestMethod]
    public void OutsideOfScopes_CreationAndDisposalCountThere()
    {
        var s = Fresh();
        var t = ones(2);
        Assert.AreEqual(1, s.CreatedOutsideScopeCount);
        t.Dispose();
        Assert.AreEqual(1, s.DisposedOutsideScopeCount);
        Assert.AreEqual(0, s.CreatedInScopeCount);
        Assert.AreEqual(0, s.DisposedInScopeCount);
    }

    [TestMethod]
    public void InScopes_CreationAndDisposalCountThere()
    {
        var s = Fresh();
        using (NewDisposeScope())
        {
            _ = ones(2);
            Assert.AreEqual(1, s.CreatedInScopeCount);
        }
        Assert.AreEqual(1, s.DisposedInScopeCount);
        Assert.AreEqual(0, s.CreatedOutsideScopeCount);
        Assert.AreEqual(0, s.DisposedOutsideScopeCount);
    }

    [TestMethod]
    public void Detaching_IsCounted_AndTheLaterDisposalIsOutside()
    {
        var s = Fresh();
        Tensor t;
        using (NewDisposeScope()) t = ones(2).DetachFromDisposeScope();
        Assert.AreEqual(1, s.DetachedFromScopeCount);
        Assert.AreEqual(0, s.DisposedInScopeCount);
        t.Dispose();
        Assert.AreEqual(1, s.DisposedOutsideScopeCount);
    }

    [TestMethod]
    public void Attaching_IsCounted_AndDoesNotTouchTheDetached()
    {
        var s = Fresh();
        var t = ones(2);
        using (var scope = NewDisposeScope()) scope.Attach(t);
        Assert.AreEqual(1, s.AttachedToScopeCount);
        Assert.AreEqual(0, s.DetachedFromScopeCount);
        Assert.AreEqual(1, s.DisposedInScopeCount);
    }

    [TestMethod]
    public void ThreadTotalLiveCount_IsCreatedMinusDisposed_AndSurvivesReset()
    {
        var s = Fresh();
        var before = s.ThreadTotalLiveCount;
        using var t = ones(2);
        s.Reset();
        Assert.AreEqual(before + 1, s.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void ParameterFromATensor_CountsOnce()
    {
        var s = Fresh();
        using (NewDisposeScope())
        {
            _ = nn.Parameter(ones(2));
            Assert.AreEqual(1, s.CreatedInScopeCount);
        }
        Assert.AreEqual(1, s.DisposedInScopeCount);
    }

    [TestMethod]
    public void ManyForwardsAndBackwards_LeaveNothingAlive()
    {
        using var model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 4));
        using var generator = new Generator(1);
        using var x = randn([5, 8], generator: generator);
        using var warm = model.call(x);
        warm.sum().backward();
        var live = Fresh().ThreadTotalLiveCount;
        for (var i = 0; i < 200; i++)
        {
            using var scope = NewDisposeScope();
            var y = model.call(x);
            y.square().mean().backward();
            model.zero_grad();
        }
        Assert.AreEqual(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Finalizers_ReleaseForgottenTensors()
    {
        var before = Tensor.TotalCount;
        Forget();
        for (var i = 0; i < 50 && Tensor.TotalCount > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.IsTrue(Tensor.TotalCount <= before, $"{Tensor.TotalCount - before} tensors are left");

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (var i = 0; i < 100; i++) _ = ones(10);
        }
    }

    [TestMethod]
    public void ScopesOfSeveralThreads_DoNotMeet()
    {
        var failures = 0;
        var threads = new Thread[4];
        for (var k = 0; k < threads.Length; k++)
        {
            threads[k] = new Thread(() =>
            {
                var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
                for (var i = 0; i < 200; i++)
                {
                    Tensor result;
                    using (NewDisposeScope())
                    {
                        var a = full(16, i);
                        result = (a * 2 + 1).sum().MoveToOuterDisposeScope();
                        if (a.IsInvalid) Interlocked.Increment(ref failures);
                    }
                    if (result.ToDouble() != 16 * (2 * i + 1)) Interlocked.Increment(ref failures);
                    result.Dispose();
                }
                if (DisposeScopeManager.Statistics.ThreadTotalLiveCount != live) Interlocked.Increment(ref failures);
            });
            threads[k].Start();
        }
        foreach (var t in threads) t.Join();
        Assert.AreEqual(0, failures);
    }

    [TestMethod]
    public void TensorsDisposedOnAnotherThread_LeaveTheirScope()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 100).Select(_ => ones(4)).ToArray();
        var other = new Thread(() => { foreach (var t in tensors) t.Dispose(); });
        other.Start();
        other.Join();
        Assert.AreEqual(0, scope.DisposablesCount);
    }
}
