using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training.Augmentations;
using MLNet.ViTPruning.Training.Loading;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Reads and augments images ahead of the step, on several threads. The order depends on seed and epoch alone.</summary>
internal sealed class BatchLoader : IDisposable
{
    private readonly ITrainingImages _images;
    private readonly TrainingOptions _options;
    private readonly ulong _seed;
    private readonly int[] _labels;
    private readonly int _threads;
    private readonly int _size;
    private readonly ImagePreparation _preparation;
    private readonly ImageAugmenter _augmenter;
    private readonly DeviceBatches _device;
    private readonly List<BatchReader> _active = [];
    private TimeSpan _waited;
    private bool _disposed;

    /// <param name="images">The images; several threads read them at once.</param>
    /// <param name="configuration">The model that the images are prepared for.</param>
    /// <param name="options">Batch size, augmentation and number of threads.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="device">Where batches are put.</param>
    /// <exception cref="ArgumentException">There are no images, or a label is none of the model's classes.</exception>
    public BatchLoader(ITrainingImages images, ModelConfiguration configuration, TrainingOptions options, ulong seed, Device device)
    {
        (_images, _options, _seed) = (images, options, seed);
        if (images.Count < 1) throw new ArgumentException("There are no images to read; expected at least one.", nameof(images));
        _labels = Labels(images, configuration.NumClasses);
        _threads = options.LoaderThreads ?? Math.Min(Environment.ProcessorCount, 8);
        _size = configuration.ImageSize;
        _preparation = new ImagePreparation(configuration);
        _augmenter = new ImageAugmenter(options.Augmentation, _preparation, _size);
        _device = new DeviceBatches(configuration, device);
    }

    /// <summary>Images of a batch, the last one excepted.</summary>
    public int BatchSize => _options.BatchSize;

    /// <summary>Batches of an epoch.</summary>
    public int BatchesPerEpoch => (_labels.Length - 1) / _options.BatchSize + 1;

    /// <summary>Time that the consumer has waited for images so far.</summary>
    public TimeSpan Waited => _waited;

    /// <summary>The batches of an epoch, in the order that the seed gives it. Each is the receiver's to dispose.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">Where to begin: a resumed epoch gives the same batches as an uninterrupted one.</param>
    /// <exception cref="InvalidDataException">An image cannot be read; thrown in its batch's place, the image's index in the message.</exception>
    public IEnumerable<TrainingBatch> Epoch(int epoch, int firstBatch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchesPerEpoch);
        var order = InStoredOrder();
        new CounterRandom(_seed, RandomPurpose.Order, epoch).Shuffle<int>(order);
        return Batches(order, firstBatch, epoch);
    }

    /// <summary>All images in stored order, with the model's own preprocessing and nothing drawn at random; for validation and teachers.</summary>
    /// <param name="firstBatch">Where to begin.</param>
    /// <exception cref="InvalidDataException">An image cannot be read.</exception>
    public IEnumerable<TrainingBatch> InOrder(int firstBatch = 0) => Batches(InStoredOrder(), firstBatch, null);

    /// <summary>Stops all threads, those of an epoch that nobody enumerates to its end included.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        BatchReader[] active;
        lock (_active) active = [.. _active];
        foreach (var reader in active) reader.Dispose();
        _device.Dispose();
    }

    // Without an epoch nothing is drawn at random.
    private IEnumerable<TrainingBatch> Batches(int[] order, int firstBatch, int? epoch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int[][] batches = [.. order.Chunk(_options.BatchSize).Skip(firstBatch)];
        if (batches.Length == 0) yield break;
        using var reader = new BatchReader(batches, Math.Min(_options.BatchSize, order.Length), _threads,
            (canvas, index, image) => Prepare(canvas, index, image, epoch));
        lock (_active) _active.Add(reader);
        try
        {
            for (int i = firstBatch; i < firstBatch + batches.Length; i++)
            {
                var mix = epoch is { } e ? BatchMix.Draw(_options.Augmentation, _size, new CounterRandom(_seed, RandomPurpose.Batch, e, i)) : null;
                var batch = reader.Take(buffer => Assemble(buffer, mix), out var waited);
                _waited += waited;
                yield return batch;
            }
        }
        finally
        {
            lock (_active) _active.Remove(reader);
        }
    }

    private void Prepare(ImageCanvas canvas, int index, PreparedImage image, int? epoch)
    {
        canvas.Load(_images.Read(index));
        image.Erasure = null;
        if (epoch is { } e) _augmenter.Run(canvas, image, new CounterRandom(_seed, RandomPurpose.Image, e, index));
        else _preparation.Prepare(canvas, image);
    }

    private TrainingBatch Assemble(BatchBuffer buffer, BatchMix? mix)
    {
        int[] labels = Array.ConvertAll(buffer.Indices, i => _labels[i]);
        var batch = new TrainingBatch(_device.Images(buffer), _device.Targets(labels), buffer.Indices, labels, mix?.Share ?? 1);
        mix?.Apply(batch.Images, batch.Targets);
        return batch;
    }

    private int[] InStoredOrder() => [.. Enumerable.Range(0, _labels.Length)];

    private static int[] Labels(ITrainingImages images, int numClasses)
    {
        var labels = new int[images.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = images.LabelOf(i);
            if (labels[i] < 0 || labels[i] >= numClasses)
                throw new ArgumentException($"Image {i} has label {labels[i]}; the model has {numClasses} classes, 0 to {numClasses - 1}.", nameof(images));
        }
        return labels;
    }
}
