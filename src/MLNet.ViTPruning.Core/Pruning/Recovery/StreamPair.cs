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

    /// <summary>How many images.</summary>
    public long Images => _dense.shape[0];

    /// <summary>Takes a step in the dense model, and looks at what it would be in the pruned one.</summary>
    /// <param name="pair">Both models.</param>
    /// <param name="step">The step.</param>
    /// <param name="equations">Gets what the output layer of a half reads, and what the pruned stream would lack after it.</param>
    public void Measure(RecoveryPair pair, StepPair step, NormalEquations equations)
    {
        using var scope = NewDisposeScope();
        bool measures = step.Pruned is { Half: not null };
        var after = measures ? _dense.clone() : _dense;
        foreach (var taken in step.Dense) after = pair.Dense.Take(taken, after, _densePass);   // [B, N, C]
        if (measures)
        {
            var half = step.Pruned!;
            var given = pair.KeptOutputs(half, after - _dense);                                // [B, N, C kept]
            var channels = pair.Pruned.Channels(half, _pruned, _prunedPass);                   // [B, N, d]
            var reached = pair.Pruned.Add(half, _pruned.clone(), pair.Pruned.Output(half, channels, _prunedPass), _prunedPass);
            equations.Add(channels, pair.KeptOutputs(half, after) - reached, given, pair.TokenWeights(after));
        }
        Replace(ref _dense, after);
    }

    /// <summary>Takes the step in the pruned model, whose layer has been fitted.</summary>
    public void Advance(RecoveryPair pair, StepPair step)
    {
        using var scope = NewDisposeScope();
        if (step.Pruned is { } taken) Replace(ref _pruned, pair.Pruned.Take(taken, _pruned, _prunedPass));    // [B, N', C']
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
