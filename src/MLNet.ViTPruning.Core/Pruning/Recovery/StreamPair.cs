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

    /// <summary>Takes a half in the dense model, and looks at what it would be in the pruned one.</summary>
    /// <param name="pair">Both models.</param>
    /// <param name="step">The half.</param>
    /// <param name="equations">Gets what the output layer reads, and what the pruned stream would lack after it.</param>
    public void Measure(RecoveryPair pair, ModelStep step, NormalEquations equations)
    {
        using var scope = NewDisposeScope();
        var after = pair.Dense.Take(step, _dense.clone(), _densePass);                         // [B, N, C]
        var given = pair.KeptOutputs(step, after - _dense);                                    // [B, N, C kept]
        Replace(ref _dense, after);
        var channels = pair.Pruned.Channels(step, _pruned, _prunedPass);                       // [B, N, d]
        var reached = pair.Pruned.Add(step, _pruned.clone(), pair.Pruned.Output(step, channels, _prunedPass), _prunedPass);
        equations.Add(channels, pair.KeptOutputs(step, after) - reached, given, pair.TokenWeights(after));
    }

    /// <summary>Takes a step in the pruned model.</summary>
    public void TakePruned(RecoveryPair pair, ModelStep step)
    {
        using var scope = NewDisposeScope();
        Replace(ref _pruned, pair.Pruned.Take(step, _pruned, _prunedPass));                    // [B, N', C']
    }

    /// <summary>Takes a step in the dense model.</summary>
    public void TakeDense(RecoveryPair pair, ModelStep step)
    {
        using var scope = NewDisposeScope();
        Replace(ref _dense, pair.Dense.Take(step, _dense, _densePass));                        // [B, N', C']
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
