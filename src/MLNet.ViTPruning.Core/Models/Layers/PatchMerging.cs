using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Merges each 2 x 2 tokens into one and changes the width; opens every stage but the first.</summary>
internal sealed class PatchMerging : nn.Module
{
    [ComponentName(Name = "norm")] private readonly Norm _norm;
    [ComponentName(Name = "reduction")] private readonly LinearLayer _reduction;
    private readonly ConstantTensor _neighbours;
    private readonly long _inDim;
    private readonly int _stage;

    /// <param name="inDim">Width of the stage before.</param>
    /// <param name="outDim">Width of this stage.</param>
    /// <param name="from">Windows of the stage before, in whose order the tokens come.</param>
    /// <param name="to">Windows of this stage, in whose order they leave.</param>
    /// <param name="epsilon">Epsilon of the norm.</param>
    /// <param name="stage">Index of this stage.</param>
    public PatchMerging(int inDim, int outDim, WindowLayout from, WindowLayout to, double epsilon, int stage) : base(nameof(PatchMerging))
    {
        _inDim = inDim;
        _stage = stage;
        _norm = new Norm(4 * inDim, epsilon);
        _reduction = new LinearLayer([outDim, 4 * inDim], bias: false);
        _neighbours = WindowLayout.Indices(Neighbours(from, to));
        RegisterComponents();
    }

    /// <summary>Merges the tokens.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N / 4, C']</c> in the input's type.</returns>
    public Tensor Apply(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var shape = x.shape;
        var type = x.dtype;
        x = WindowLayout.Move(x, _neighbours, pass).view(shape[0], shape[1] / 4, 4 * _inDim); // [B, N / 4, 4 * C]
        var gains = pass.Gains?.ResidualOf(_stage - 1)?.repeat(1, 4);                      // [B or 1, 4 * C]
        x = _reduction.Apply(_norm.Apply(x, gains), pass);                                 // [B, N / 4, C']
        if (pass.LowPrecision) x = x.to(type);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The four sources of each merged token, column by column as in the published weights.</summary>
    private static int[] Neighbours(WindowLayout from, WindowLayout to)
    {
        var positions = WindowLayout.Inverse(WindowLayout.Order(from.Resolution, from.Window, 0));
        var merged = WindowLayout.Order(to.Resolution, to.Window, 0);
        var sources = new int[4 * merged.Length];
        for (int i = 0; i < merged.Length; i++)
        {
            int row = merged[i] / to.Resolution * 2, column = merged[i] % to.Resolution * 2;
            for (int k = 0; k < 4; k++) sources[4 * i + k] = positions[(row + k % 2) * from.Resolution + column + k / 2];
        }
        return sources;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _neighbours.Dispose();
        base.Dispose(disposing);
    }
}
