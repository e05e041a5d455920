using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Reads and augments images ahead of the step, on several threads. The order depends on seed and epoch alone.</summary>
internal sealed class BatchLoader : IDisposable
{
    public BatchLoader(ITrainingImages images, ModelConfiguration configuration, TrainingOptions options, ulong seed, Device device) => throw new NotImplementedException();

    /// <summary>Batches of an epoch.</summary>
    public int BatchesPerEpoch => throw new NotImplementedException();

    /// <summary>Time that the consumer has waited for images so far.</summary>
    public TimeSpan Waited => throw new NotImplementedException();

    /// <summary>The batches of an epoch, in the order that the seed gives it. Each is the receiver's to dispose.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">Where to begin: a resumed epoch gives the same batches as an uninterrupted one.</param>
    public IEnumerable<TrainingBatch> Epoch(int epoch, int firstBatch = 0) => throw new NotImplementedException();

    /// <summary>All images in stored order, with the model's own preprocessing; for validation.</summary>
    public IEnumerable<TrainingBatch> InOrder() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
