using System;
using System.Collections.Generic;

namespace TorchSharp;

/// <summary>Holds each thread's stack of scopes and its counts.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager _ofThread;

    private readonly ThreadDisposeScopeStatistics _statistics = new();
    private readonly List<DisposeScope> _stack = [];

    public static ThreadDisposeScopeStatistics Statistics => OfThread._statistics;

    internal static DisposeScopeManager OfThread => _ofThread ??= new DisposeScopeManager();

    internal LifetimeStatistics Tensors => _statistics.TensorStatistics;

    internal DisposeScope Current => _stack.Count > 0 ? _stack[^1] : null;

    internal static DisposeScope NewScope()
    {
        var manager = OfThread;
        var scope = new DisposeScope(manager, manager.Current);
        manager._stack.Add(scope);
        return scope;
    }

    internal void Remove(DisposeScope scope)
    {
        if (Current == scope) _stack.RemoveAt(_stack.Count - 1);
        else _stack.Remove(scope);
    }

    /// <summary>Enters a new tensor into the thread's innermost scope, and returns that scope.</summary>
    internal static DisposeScope Register(IDisposable tensor)
    {
        var manager = OfThread;
        var scope = manager.Current;
        if (scope is null) manager.Tensors.CreatedOutsideScopeCount++;
        else
        {
            scope.Add(tensor);
            manager.Tensors.CreatedInScopeCount++;
        }
        return scope;
    }

    internal static void CountDisposed(bool inScope)
    {
        if (inScope) OfThread.Tensors.DisposedInScopeCount++;
        else OfThread.Tensors.DisposedOutsideScopeCount++;
    }
}

/// <summary>What happened to the objects of one kind on this thread. Counts only grow until <see cref="Reset"/>.</summary>
public class LifetimeStatistics
{
    private long _liveBefore;

    public long CreatedOutsideScopeCount { get; internal set; }
    public long DisposedOutsideScopeCount { get; internal set; }
    public long CreatedInScopeCount { get; internal set; }
    public long DisposedInScopeCount { get; internal set; }
    public long AttachedToScopeCount { get; internal set; }
    public long DetachedFromScopeCount { get; internal set; }

    /// <summary>Created minus disposed on this thread since it began; a reset leaves it.</summary>
    public long ThreadTotalLiveCount =>
        _liveBefore + CreatedInScopeCount + CreatedOutsideScopeCount - DisposedInScopeCount - DisposedOutsideScopeCount;

    public void Reset()
    {
        _liveBefore = ThreadTotalLiveCount;
        CreatedOutsideScopeCount = DisposedOutsideScopeCount = CreatedInScopeCount = DisposedInScopeCount = 0;
        AttachedToScopeCount = DetachedFromScopeCount = 0;
    }

    public override string ToString() =>
        $"ThreadTotalLiveCount: {ThreadTotalLiveCount}; CreatedOutsideScopeCount: {CreatedOutsideScopeCount}; " +
        $"DisposedOutsideScopeCount: {DisposedOutsideScopeCount}; CreatedInScopeCount: {CreatedInScopeCount}; " +
        $"DisposedInScopeCount: {DisposedInScopeCount}; AttachedToScopeCount: {AttachedToScopeCount}; " +
        $"DetachedFromScopeCount: {DetachedFromScopeCount}";
}

/// <summary>This thread's counts over all kinds; tensors are the only kind here.</summary>
public class ThreadDisposeScopeStatistics
{
    public LifetimeStatistics TensorStatistics { get; } = new();
    public long CreatedOutsideScopeCount => TensorStatistics.CreatedOutsideScopeCount;
    public long DisposedOutsideScopeCount => TensorStatistics.DisposedOutsideScopeCount;
    public long CreatedInScopeCount => TensorStatistics.CreatedInScopeCount;
    public long DisposedInScopeCount => TensorStatistics.DisposedInScopeCount;
    public long AttachedToScopeCount => TensorStatistics.AttachedToScopeCount;
    public long DetachedFromScopeCount => TensorStatistics.DetachedFromScopeCount;
    public long ThreadTotalLiveCount => TensorStatistics.ThreadTotalLiveCount;

    public void Reset() => TensorStatistics.Reset();

    public override string ToString() => TensorStatistics.ToString();
}
