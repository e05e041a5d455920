using System.Runtime.ExceptionServices;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Data;

/// <summary>Decodes the images of the next rows on several threads while the reader works on the present one.</summary>
/// <remarks>Rows keep their order. At most <see cref="Window"/> images are ahead, and <see cref="MaxBytesAhead"/> bytes of them: an
/// image that does not fit is left for the reader's own thread. So is one that no worker has begun, hence a busy thread pool
/// makes it slower, never stuck. Errors wait until their row's image is asked for.</remarks>
internal sealed class DecodeAhead : IDisposable
{
    /// <summary>Rows: a batch of the scoring transformer.</summary>
    public const int Window = 32;

    private const long MaxBytesAhead = 1L << 28;

    private readonly IImageRows _rows;
    private readonly Func<long, int> _rowAt;
    private readonly long _count;
    private readonly int _threads = Math.Clamp(Environment.ProcessorCount, 2, 8);
    private readonly DecodeBudget _budget = new(MaxBytesAhead);
    private readonly Queue<Slot> _window = [];          // the reader's; its head is the present row
    private readonly Queue<Slot> _pending = [];         // guarded by itself
    private int _workers;                               // guarded by _pending
    private bool _disposed;                             // guarded by _pending
    private long _next;
    private int _reach = Window;                        // rows held, the present one included

    /// <param name="rows">What decodes.</param>
    /// <param name="rowAt">The row at a position of the cursor.</param>
    /// <param name="count">Positions.</param>
    public DecodeAhead(IImageRows rows, Func<long, int> rowAt, long count) => (_rows, _rowAt, _count) = (rows, rowAt, count);

    /// <summary>Goes to the next row; its predecessor's image is dropped unless it was taken.</summary>
    /// <remarks>A reader that skips rows, as one that draws a sample does, ends the decoding ahead until it takes images again.</remarks>
    public void MoveNext()
    {
        if (_window.TryDequeue(out var passed))
        {
            _reach = passed.Taken ? Math.Min(Window, 2 * _reach) : 1;
            passed.Drop();
        }
        while (_window.Count < _reach && _next < _count)
        {
            var slot = new Slot(this, _rowAt(_next++));
            _window.Enqueue(slot);
            if (_window.Count > 1) Schedule(slot);      // the present row's image is decoded by who asks for it
        }
    }

    /// <summary>The present row's image, owned by the caller. Each call gives one of its own.</summary>
    public MLImage Take() => _window.Peek().Take();

    /// <summary>Stops the workers and disposes the images that nobody took.</summary>
    public void Dispose()
    {
        lock (_pending)
        {
            _disposed = true;
            _pending.Clear();
        }
        while (_window.TryDequeue(out var slot)) slot.Drop();
    }

    private void Schedule(Slot slot)
    {
        lock (_pending)
        {
            _pending.Enqueue(slot);
            if (_workers == _threads) return;
            _workers++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static self => self.Work(), this, preferLocal: false);
    }

    private void Work()
    {
        while (true)
        {
            Slot? slot;
            lock (_pending)
            {
                if (_disposed || !_pending.TryDequeue(out slot))
                {
                    _workers--;
                    return;
                }
            }
            slot.Decode();
        }
    }

    /// <summary>One row. Whoever holds its lock decodes; the others find it done or wait.</summary>
    private sealed class Slot(DecodeAhead owner, int row)
    {
        private readonly Lock _lock = new();
        private MLImage? _image;
        private ExceptionDispatchInfo? _error;
        private long _held;
        private bool _gone;             // taken or passed

        /// <summary>Whether the reader has asked for the image.</summary>
        public bool Taken { get; private set; }

        /// <summary>A worker's turn.</summary>
        public void Decode()
        {
            if (!_lock.TryEnter()) return;
            try
            {
                if (_gone) return;
                _image = owner._rows.Decode(row, bytes => owner._budget.TryTake(bytes) && (_held = bytes) >= 0);
            }
            catch (Exception error)     // whatever it is, it belongs to the reader of this row
            {
                _error = ExceptionDispatchInfo.Capture(error);
            }
            finally
            {
                _lock.Exit();
            }
        }

        public MLImage Take()
        {
            Taken = true;
            lock (_lock)
            {
                _error?.Throw();
                var image = _image ?? owner._rows.Decode(row, null)!;
                Forget();
                return image;
            }
        }

        public void Drop()
        {
            lock (_lock)
            {
                _image?.Dispose();
                Forget();
            }
        }

        private void Forget()
        {
            _image = null;
            _gone = true;
            owner._budget.Return(_held);
            _held = 0;
        }
    }
}
