using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Disposes, when it is disposed itself, every tensor created on its thread meanwhile and not moved out or detached.</summary>
/// <remarks>A tensor may be disposed on another thread than the scope's, so the set is locked; without contention that is cheap.</remarks>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private readonly DisposeScope _outer;
    private readonly HashSet<IDisposable> _items = new(ReferenceEqualityComparer.Instance);

    internal DisposeScope(DisposeScopeManager manager, DisposeScope outer) => (_manager, _outer) = (manager, outer);

    public int DisposablesCount
    {
        get { lock (_items) return _items.Count; }
    }

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get { lock (_items) return _items.ToList(); }
    }

    public bool Contains(IDisposable disposable)
    {
        lock (_items) return _items.Contains(disposable);
    }

    internal void Add(IDisposable item)
    {
        lock (_items) _items.Add(item);
    }

    internal void Replace(IDisposable old, IDisposable now)
    {
        lock (_items)
        {
            _items.Remove(old);
            _items.Add(now);
        }
    }

    /// <summary>Forgets an object that was disposed by other hands.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        lock (_items) _items.Remove(disposable);
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        Move(_outer, disposable);
        return disposable;
    }

    public (T1, T2) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second));

    public (T1, T2, T3) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables)
    {
        foreach (var d in disposables) Move(_outer, d);
    }

    public T MoveToOther<T>(DisposeScope scope, T disposable) where T : IDisposable
    {
        Move(scope, disposable);
        return disposable;
    }

    public (T1, T2) MoveToOther<T1, T2>(DisposeScope scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1, T2, T3) MoveToOther<T1, T2, T3>(DisposeScope scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var d in disposables) Move(scope, d);
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        Move(null, disposable);
        return disposable;
    }

    public (T1, T2) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable => (Detach(first), Detach(second));

    public (T1, T2, T3) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => (Detach(first), Detach(second), Detach(third));

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (var d in disposables) Move(null, d);
    }

    public void Attach(IDisposable disposable)
    {
        if (disposable is Tensor t)
        {
            if (t.OwningScope == this) return;
            t.OwningScope?.MarkAsDisposed(t);
            t.OwningScope = this;
            _manager.Tensors.AttachedToScopeCount++;
        }
        Add(disposable);
    }

    public void Attach(params IDisposable[] disposables)
    {
        foreach (var d in disposables) Attach(d);
    }

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var list = disposables.ToList();
        foreach (var d in list) Attach(d);
        return list;
    }

    // Moves what this scope owns; other objects stay where they are. Without a target the object is on its own.
    private void Move(DisposeScope target, IDisposable item)
    {
        if (item is null) return;
        lock (_items)
        {
            if (!_items.Remove(item)) return;
        }
        if (item is Tensor t)
        {
            t.OwningScope = target;
            if (target is null) _manager.Tensors.DetachedFromScopeCount++;
        }
        target?.Add(item);
    }

    public void DisposeEverything() => DisposeEverythingBut([]);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var keep = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        IDisposable[] gone;
        lock (_items)
        {
            gone = keep.Count == 0 ? [.. _items] : [.. _items.Where(i => !keep.Contains(i))];
            if (gone.Length == _items.Count) _items.Clear();
            else _items.ExceptWith(gone);
        }
        foreach (var d in gone) d.Dispose();
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { keep });
        return keep;
    }

    public (T1, T2) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second });
        return (first, second);
    }

    public (T1, T2, T3) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second, third });
        return (first, second, third);
    }

    public void Dispose()
    {
        DisposeEverything();
        _manager.Remove(this);
    }
}
