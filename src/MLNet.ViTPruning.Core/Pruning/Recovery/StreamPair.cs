using MLNet.ViTPruning.Models.Layers;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>The residual streams of some images at the same place in the dense and in the pruned model.</summary>
internal sealed class StreamPair : IDisposable
{
    private readonly ForwardPass _densePass, _prunedPass;
    private Tensor _dense, _pruned;    // [B, N, C] each

    public StreamPair(RecoveryPair pair, Tensor images)
    {
        using var scope = NewDisposeScope();
        (_densePass, _prunedPass) = (pair.Dense.Begin(images), pair.Pruned.Begin(images));
        _dense = pair.Dense.Enter(images, _densePass).DetachFromDisposeScope();
        _pruned = pair.Pruned.Enter(images, _prunedPass).DetachFromDisposeScope();
    }

    /// <summary>Adds what a step's output layer reads, gives and should give.</summary>
    public void Measure(RecoveryPair pair, ModelStep step, NormalEquations equations)
    {
        using var scope = NewDisposeScope();
        var target = pair.Dense.Output(step, pair.Dense.Channels(step, _dense, _densePass), _densePass);   // [B, N, C]
        var channels = pair.Pruned.Channels(step, _pruned, _prunedPass);                                   // [B, N, d]
        equations.Add(channels, pair.Pruned.Output(step, channels, _prunedPass), pair.KeptOutputs(step, target));
    }

    /// <summary>Takes a step in both models.</summary>
    public void Advance(RecoveryPair pair, ModelStep step)
    {
        Replace(ref _dense, pair.Dense.Take(step, _dense, _densePass));
        Replace(ref _pruned, pair.Pruned.Take(step, _pruned, _prunedPass));
    }

    private static void Replace(ref Tensor stream, Tensor next)
    {
        if (ReferenceEquals(stream, next)) return;
        stream.Dispose();
        stream = next.DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _dense.Dispose();
        _pruned.Dispose();
    }
}
