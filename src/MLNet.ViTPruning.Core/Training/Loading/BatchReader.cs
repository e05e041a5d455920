using System.Diagnostics;

namespace MLNet.ViTPruning.Training.Loading;

/// <summary>Fills the batches of one pass on several threads of its own, at most a few batches ahead of the consumer. A thread takes the
/// next image, not the next batch, so that the first batch is ready as early as it can be.</summary>
internal sealed class BatchReader : IDisposable
{
    /// <summary>Batches that are filled or wait; one of them is the one that the consumer takes next.</summary>
    private const int Depth = 3;

    private readonly object _lock = new();
    private readonly int[][] _batches;
    private readonly BatchBuffer[] _ring;
    private readonly Action<ImageCanvas, int, PreparedImage> _prepare;
    private readonly Thread[] _threads;
    private (int Batch, int Position) _next;        // the image that the next free thread takes
    private int _released;                          // batches that the consumer is through with
    private bool _stopped;

    /// <param name="batches">The images of each batch.</param>
    /// <param name="batchSize">The largest batch.</param>
    /// <param name="threads">How many threads work.</param>
    /// <param name="prepare">Prepares an image; called on several threads.</param>
    public BatchReader(int[][] batches, int batchSize, int threads, Action<ImageCanvas, int, PreparedImage> prepare)
    {
        (_batches, _prepare) = (batches, prepare);
        _ring = [.. Enumerable.Range(0, Math.Min(Depth, batches.Length)).Select(_ => new BatchBuffer(batchSize))];
        for (int i = 0; i < _ring.Length; i++) _ring[i].Reset(batches[i]);
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"images {i}" })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Waits for the next batch and hands it to <paramref name="use"/>; its buffer is filled anew afterwards.</summary>
    /// <param name="use">Copies what it needs.</param>
    /// <param name="waited">Time spent waiting.</param>
    /// <exception cref="InvalidDataException">An image of the batch cannot be read or prepared.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed meanwhile.</exception>
    public TrainingBatch Take(Func<BatchBuffer, TrainingBatch> use, out TimeSpan waited)
    {
        BatchBuffer buffer;
        long start = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            buffer = _ring[_released % _ring.Length];
            while (buffer.Missing > 0 && !_stopped) Monitor.Wait(_lock);
            ObjectDisposedException.ThrowIf(_stopped, typeof(BatchLoader));
        }
        waited = Stopwatch.GetElapsedTime(start);
        for (int i = 0; i < buffer.Indices.Length; i++)
            if (buffer.Images[i].Error is { } error)
                throw new InvalidDataException($"Image {buffer.Indices[i]} cannot be used: {error.Message}", error);
        var batch = use(buffer);
        lock (_lock)
        {
            int refill = _released + _ring.Length;
            if (refill < _batches.Length) buffer.Reset(_batches[refill]);
            _released++;
            Monitor.PulseAll(_lock);
        }
        return batch;
    }

    /// <summary>Stops the threads; an image that one of them is at is finished first.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
        foreach (var thread in _threads) thread.Join();
    }

    private void Work()
    {
        var canvas = new ImageCanvas();
        while (Next(out var buffer, out int position))
        {
            var image = buffer.Images[position];
            try
            {
                _prepare(canvas, buffer.Indices[position], image);
            }
            catch (Exception e)                     // whatever it is, it is the consumer's to hear, not the process's end
            {
                image.Error = e;
            }
            lock (_lock)
            {
                if (--buffer.Missing == 0) Monitor.PulseAll(_lock);
            }
        }
    }

    private bool Next(out BatchBuffer buffer, out int position)
    {
        lock (_lock)
        {
            while (!_stopped && _next.Batch < _batches.Length && _next.Batch >= _released + _ring.Length) Monitor.Wait(_lock);
            bool more = !_stopped && _next.Batch < _batches.Length;
            (buffer, position) = (more ? _ring[_next.Batch % _ring.Length] : null!, _next.Position);
            if (more) _next = position + 1 < _batches[_next.Batch].Length ? (_next.Batch, position + 1) : (_next.Batch + 1, 0);
            return more;
        }
    }
}
