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
    private double _count, _squares, _givenSquares;

    /// <summary>Adds some tokens.</summary>
    /// <param name="inputs">The layer's inputs h, <c>[..., d]</c>; not read where only the bias is fitted.</param>
    /// <param name="missing">What its result lacks, r, <c>[..., C]</c>.</param>
    /// <param name="given">What the layer gave before, <c>[..., C]</c>: the size that errors are a share of.</param>
    /// <param name="weights">How much each token counts, <c>[..., 1]</c> with as many dimensions, ones where they do not vary; null for all alike.</param>
    public void Add(Tensor inputs, Tensor missing, Tensor given, Tensor? weights = null)
    {
        using var scope = NewDisposeScope();
        var r = missing.flatten(0, -2).to(float64);                             // [T, C]
        var w = weights is null ? ones(r.shape[0], 1, dtype: float64, device: r.device)
            : weights.to(float64).expand([.. missing.shape[..^1], 1]).flatten(0, -2);    // [T, 1]
        _count += w.sum().ToDouble();
        var weighted = w * r;                                                   // [T, C]
        _squares += (weighted * r).sum().ToDouble();
        var size = given.flatten(0, -2).to(float64);                            // [T, C]
        _givenSquares += (w * (size - size.mean([0], keepdim: true)).square()).sum().ToDouble();
        Sum(ref _missing, weighted.sum([0]));
        if (!fitsWeights) return;
        var h = inputs.flatten(0, -2).to(float64);                              // [T, d]
        var scaled = w * h;                                                     // [T, d]
        Sum(ref _gram, scaled.t().mm(h));
        Sum(ref _cross, scaled.t().mm(r));
        Sum(ref _inputs, scaled.sum([0]));
    }

    /// <summary>Mean squared error before any change, as a share of the variance of what was given.</summary>
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

    private double Relative(double squares) => _givenSquares > 0 ? Math.Max(0, squares) / _givenSquares : 0;

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
