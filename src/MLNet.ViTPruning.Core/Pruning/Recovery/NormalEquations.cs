using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>The change of a linear layer that brings its outputs nearest to a target: sums over tokens, then one system to solve.</summary>
/// <remarks>With inputs h and what is missing of the target r, both centred, the change D minimises
/// <c>sum |r - D h|^2 + ridge |D|^2</c>; the bias takes the means and costs nothing. Not moving at all is among the choices, so that
/// the error never grows. All sums are in double.</remarks>
/// <param name="fitsWeights">Whether weights change too, or only the bias.</param>
internal sealed class NormalEquations(bool fitsWeights) : IDisposable
{
    private Tensor? _gram, _cross, _inputs, _missing;    // [d, d], [d, C], [d], [C]
    private double _squares, _targetSquares;
    private long _count;

    /// <summary>Adds some tokens.</summary>
    /// <param name="inputs">The layer's inputs h, <c>[..., d]</c>; not read where only the bias is fitted.</param>
    /// <param name="outputs">What it gives now, <c>[..., C]</c>.</param>
    /// <param name="targets">What it shall give, <c>[..., C]</c>.</param>
    public void Add(Tensor inputs, Tensor outputs, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var target = targets.flatten(0, -2).to(float64);                        // [T, C]
        var missing = target - outputs.flatten(0, -2).to(float64);              // [T, C]
        _count += missing.shape[0];
        _squares += missing.square().sum().ToDouble();
        _targetSquares += (target - target.mean([0], keepdim: true)).square().sum().ToDouble();
        Sum(ref _missing, missing.sum([0]));
        if (!fitsWeights) return;
        var h = inputs.flatten(0, -2).to(float64);                              // [T, d]
        Sum(ref _gram, h.t().mm(h));
        Sum(ref _cross, h.t().mm(missing));
        Sum(ref _inputs, h.sum([0]));
    }

    /// <summary>Mean squared error before any change, as a share of the target's variance.</summary>
    public double ErrorBefore => Relative(_squares);

    /// <summary>Solves for the change.</summary>
    /// <param name="ridge">Cost of the weights' change as a share of the inputs' mean variance.</param>
    /// <returns>Changes of the weights <c>[C, d]</c> (null where only the bias is fitted) and of the bias <c>[C]</c>, in float64, owned by the caller;
    /// and the relative error after it on the tokens that were added.</returns>
    public (Tensor? Weight, Tensor Bias, double ErrorAfter) Solve(double ridge)
    {
        using var scope = NewDisposeScope();
        var meanMissing = _missing! / _count;                                                   // [C]
        double explained = meanMissing.square().sum().ToDouble() * _count;
        if (!fitsWeights) return (null, meanMissing.MoveToOuterDisposeScope(), Relative(_squares - explained));
        var gram = _gram! - _inputs!.unsqueeze(1) * _inputs.unsqueeze(0) / _count;              // [d, d]
        var cross = _cross! - _inputs.unsqueeze(1) * meanMissing.unsqueeze(0);                  // [d, C]
        double variance = gram.diagonal().sum().ToDouble() / gram.shape[0];
        var change = variance > 0 ? Solve(gram, cross, ridge, variance) : zeros_like(cross);    // [d, C]
        explained += 2 * (change * cross).sum().ToDouble() - (change * gram.mm(change)).sum().ToDouble();
        var bias = meanMissing - (change * _inputs.unsqueeze(1)).sum([0]) / _count;             // [C]
        return (change.t().contiguous().MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope(), Relative(_squares - explained));
    }

    // Channels that never vary, or repeat others, leave nothing to divide by; then the ridge grows until the system can be solved.
    private static Tensor Solve(Tensor gram, Tensor cross, double ridge, double variance)
    {
        var identity = eye(gram.shape[0], dtype: float64, device: gram.device);
        for (double share = ridge; share < 1e12; share = Math.Max(10 * share, 1e-14))
        {
            var (factor, info) = linalg.cholesky_ex(gram + identity * (share * variance));
            if (info.ToInt32() == 0) return cholesky_solve(cross, factor);
        }
        throw new UnreachableException("A matrix with a dominant diagonal has a Cholesky factor.");
    }

    private double Relative(double squares) => _targetSquares > 0 ? Math.Max(0, squares) / _targetSquares : 0;

    private static void Sum(ref Tensor? sum, Tensor part)
    {
        if (sum is null) sum = part.DetachFromDisposeScope();
        else sum.add_(part);
    }

    public void Dispose()
    {
        _gram?.Dispose();
        _cross?.Dispose();
        _inputs?.Dispose();
        _missing?.Dispose();
    }
}
