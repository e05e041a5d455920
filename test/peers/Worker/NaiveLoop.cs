using System.Diagnostics;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Exact scores the naive way: for each channel a model without it is built and run over all images, at the batch size that is
/// fastest for that. Building and slicing are not timed.</summary>
internal sealed class NaiveLoop
{
    private readonly VisionModel _model;
    private readonly Tensor _images;

    /// <param name="model">The whole model.</param>
    /// <param name="images">The images <c>[B, 3, H, W]</c>, a power of two.</param>
    public NaiveLoop(VisionModel model, Tensor images)
    {
        (_model, _images) = (model, images);
        var sizes = Enumerable.Range(0, 1 + (int)Math.Log2(images.shape[0])).Select(i => 1 << i).ToList();
        Batch = sizes.MinBy(batch => Enumerable.Range(0, 6).Select(_ => Pass(model, batch)).Skip(1).Min());
    }

    /// <summary>The fastest batch size.</summary>
    public int Batch { get; }

    /// <summary>Seconds that one channel takes.</summary>
    public double Seconds(PruningComponent component, int index, int channel)
    {
        using var model = Without(component, index, channel);
        Pass(model, Batch);    // kernels are chosen, caches are warm
        return Pass(model, Batch);
    }

    /// <summary>Seconds of the whole model on a batch, as compare.sh dense measures it.</summary>
    /// <param name="images">The batch.</param>
    public double DenseSeconds(Tensor images)
    {
        long start = Stopwatch.GetTimestamp();
        _model.forward(images).Dispose();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private double Pass(VisionModel model, int batch)
    {
        long start = Stopwatch.GetTimestamp();
        for (int first = 0; first < _images.shape[0]; first += batch)
        {
            using var images = _images.narrow(0, first, batch);
            using var logits = model.forward(images);
            using var wide = logits.to(float64);
            wide.log_softmax(-1).Dispose();
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private VisionModel Without(PruningComponent component, int index, int channel)
    {
        if (component == PruningComponent.Attention) return _model.Copy(requiresGrad: false);    // a channel is set to zero there: the same work
        int[] All(int count) => [.. Enumerable.Range(0, count)];
        int[] Others(int count) => [.. Enumerable.Range(0, count).Where(c => c != channel)];
        var plan = new PruningPlan("unified", "naive", [.. _model.Configuration.Blocks.Select((block, i) => new BlockPlan(block.Heads, All(block.AttentionDim),
            component == PruningComponent.Mlp && i == index ? Others(block.MlpHiddenDim) : All(block.MlpHiddenDim)))])
        {
            Embed = component == PruningComponent.Embed ? [Others(_model.Configuration.NumFeatures)] : null,
        };
        return ModelSlicer.Slice(_model, plan);
    }
}
