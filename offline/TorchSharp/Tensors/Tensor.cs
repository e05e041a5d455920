using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A reference to a libtorch tensor. Disposing releases the reference; so does the finalizer.</summary>
    public partial class Tensor : IDisposable
    {
        private static long _total, _peak;
        private IntPtr _handle;

        internal Tensor(IntPtr handle)
        {
            _handle = handle;
            var live = Interlocked.Increment(ref _total);
            for (var peak = Volatile.Read(ref _peak); live > peak; peak = Volatile.Read(ref _peak))
                if (Interlocked.CompareExchange(ref _peak, live, peak) == peak) break;
            OwningScope = DisposeScopeManager.Register(this);
        }

        /// <summary>Takes the place of another managed tensor, in its scope too; the other one becomes invalid.</summary>
        private protected Tensor(Tensor source)
        {
            _handle = Interlocked.Exchange(ref source._handle, IntPtr.Zero);
            if (_handle == IntPtr.Zero) throw new InvalidOperationException("The tensor has been disposed or moved from.");
            GC.SuppressFinalize(source);
            OwningScope = source.OwningScope;
            source.OwningScope = null;
            OwningScope?.Replace(source, this);
        }

        /// <summary>Takes over an owned native reference; libtorch's undefined tensor is <see langword="null"/> here.</summary>
        internal static Tensor Wrap(IntPtr handle) => handle == IntPtr.Zero ? null : new Tensor(handle);

        internal DisposeScope OwningScope { get; set; }

        /// <summary>Live tensors of all threads.</summary>
        public static long TotalCount => Interlocked.Read(ref _total);

        public static long PeakCount => Interlocked.Read(ref _peak);

        public IntPtr Handle => _handle != IntPtr.Zero ? _handle : throw new InvalidOperationException("The tensor has been disposed or moved from.");

        public bool IsInvalid => _handle == IntPtr.Zero;

        ~Tensor() => Dispose(false);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (handle == IntPtr.Zero) return;
            Release(disposing);
            NativeMethods.to_release(handle);
        }

        private void Release(bool disposing)
        {
            Interlocked.Decrement(ref _total);
            var scope = OwningScope;
            if (disposing)
            {
                scope?.MarkAsDisposed(this);
                OwningScope = null;
            }
            DisposeScopeManager.CountDisposed(scope is not null);
        }

        /// <summary>Hands the native reference to the caller; this object is invalid afterwards.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            var handle = Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (handle != IntPtr.Zero) Release(true);
            return handle;
        }

        public static Tensor UnsafeCreateTensor(IntPtr handle) => Wrap(handle);

        public Tensor alias()
        {
            var same = Wrap(NativeMethods.to_retain(Handle));
            GC.KeepAlive(this);
            return same;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningScope is null) other?.Attach(this);
            else OwningScope.MoveToOther(other, this);
            return this;
        }
    }
}
