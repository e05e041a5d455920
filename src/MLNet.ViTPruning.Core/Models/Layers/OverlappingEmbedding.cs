using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Embeds patches that overlap their neighbours by half: opens every stage of a PVTv2.</summary>
/// <remarks>Source: Wang et al., "PVT v2" (arXiv:2106.13797), section 3.2: for a stride S the kernel is 2S - 1 and the padding S - 1.</remarks>
internal sealed class OverlappingEmbedding : nn.Module
{
    [ComponentName(Name = "proj")] private readonly ConvolutionLayer _proj;
    [ComponentName(Name = "norm")] private readonly Norm _norm;
    private readonly int _stage;

    /// <param name="inputs">Channels of the image.</param>
    /// <param name="embedDim">Width of the stage's residual stream.</param>
    /// <param name="stride">Distance between patches.</param>
    /// <param name="stage">Index of the stage that it opens.</param>
    public OverlappingEmbedding(int inputs, int embedDim, int stride, int stage) : base(nameof(OverlappingEmbedding))
    {
        _stage = stage;
        _proj = new ConvolutionLayer(inputs, embedDim, KernelOf(stride), stride);
        _norm = new Norm(embedDim, TokenGrid.NormEpsilon);
        RegisterComponents();
    }

    /// <summary>Side of the kernel for a distance between patches.</summary>
    public static int KernelOf(int stride) => 2 * stride - 1;

    /// <summary>Embeds the patches.</summary>
    /// <param name="image">An image <c>[B, C, H, W]</c>, in any memory layout.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N, C']</c> in the image's type, row by row.</returns>
    public Tensor Apply(Tensor image, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var x = _proj.Apply(image, pass);                                               // [B, C', H / stride, W / stride]
        x = TokenGrid.ToTokens(pass.LowPrecision ? x.to(image.dtype) : x);              // [B, N, C']
        return _norm.Apply(x, pass.Gains?.ResidualOf(_stage)).MoveToOuterDisposeScope();
    }
}
