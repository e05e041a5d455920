using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>The MLP half of a block: two linear layers with an exact (erf) GELU between them, in PVTv2 behind a depth-wise convolution.</summary>
internal sealed class Mlp : nn.Module
{
    [ComponentName(Name = "fc1")] private readonly LinearLayer _fc1;
    [ComponentName(Name = "dwconv")] private readonly ConvolutionLayer? _convolution;
    [ComponentName(Name = "fc2")] private readonly LinearLayer _fc2;

    private const int Kernel = 3;
    private readonly TokenGrid? _grid;

    /// <param name="embedDim">Width of the residual stream.</param>
    /// <param name="hiddenDim">Hidden channels.</param>
    /// <param name="grid">How the tokens stand for the convolution, or null for none.</param>
    public Mlp(int embedDim, int hiddenDim, TokenGrid? grid = null) : base(nameof(Mlp))
    {
        _grid = grid;
        if (grid is not null) _convolution = new ConvolutionLayer(hiddenDim, hiddenDim, Kernel, stride: 1, depthWise: true);
        _fc1 = new LinearLayer([hiddenDim, embedDim]);
        _fc2 = new LinearLayer([embedDim, hiddenDim]);
        RegisterComponents();
    }

    /// <summary>Applies the MLP to each token, a convolution also to its neighbours.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="gains">Factors of the hidden channels <c>[B or 1, M]</c>, or null.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N, C]</c>.</returns>
    public Tensor Apply(Tensor x, Tensor? gains, ForwardPass pass)
    {
        return Output(Precision.Scale(Hidden(x, pass), gains), pass); // [B, N, C]
    }

    /// <summary>The hidden channels after the activation.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Hidden activations <c>[B, N, M]</c>.</returns>
    public Tensor Hidden(Tensor x, ForwardPass pass)
    {
        x = _fc1.Apply(x, pass);                       // [B, N, M]
        if (_convolution is not null) x = TokenGrid.ToTokens(_convolution.Apply(_grid!.ToImage(x), pass)); // [B, N, M]
        return pass.Cached ? x.gelu_() : x.gelu();
    }

    /// <summary>The MLP's result from its hidden channels.</summary>
    /// <param name="hidden">Hidden activations <c>[B, N, M]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N, C]</c>.</returns>
    public Tensor Output(Tensor hidden, ForwardPass pass) => _fc2.Apply(hidden, pass);

    /// <summary>Weights of the second layer, <c>[C, M]</c>.</summary>
    public Tensor OutputWeight => _fc2.Weight;
}
