using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Cuts an image into patches and projects each: timm's strided convolution, computed as the linear layer that it is.</summary>
internal sealed class PatchEmbedding : nn.Module
{
    [ComponentName(Name = "proj")] private readonly LinearLayer _proj;
    [ComponentName(Name = "norm")] private readonly Norm? _norm;
    private readonly long _patchSize;
    private readonly long _window;
    private readonly long _grid;

    /// <param name="configuration">The model's sizes.</param>
    /// <param name="norm">Whether a norm follows.</param>
    /// <param name="window">Side of the windows whose order the tokens take; the grid's side for row by row.</param>
    public PatchEmbedding(ModelConfiguration configuration, bool norm, int window) : base(nameof(PatchEmbedding))
    {
        int embedDim = configuration.Stages[0].EmbedDim;
        _patchSize = configuration.PatchSize;
        _window = window;
        _grid = configuration.ResolutionOf(0) / window;
        _proj = new LinearLayer([embedDim, 3, _patchSize, _patchSize]);
        if (norm) _norm = new Norm(embedDim, configuration.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <summary>Embeds the patches of each image.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N, C]</c> in the images' type, window by window.</returns>
    public Tensor Apply(Tensor images, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long b = images.shape[0], p = _patchSize, w = _window, g = _grid;
        var type = images.dtype;
        if (pass.LowPrecision) images = Precision.Low(images);
        var patches = images.view(b, 3, g, w, p, g, w, p)
            .permute(0, 2, 5, 3, 6, 1, 4, 7)                    // [B, g, g, w, w, 3, p, p]
            .reshape(b, g * g * w * w, 3 * p * p);              // [B, N, 3 * p * p]
        var x = _proj.Apply(patches, pass);                     // [B, N, C]
        if (pass.LowPrecision) x = x.to(type);
        if (_norm is not null) x = _norm.Apply(x, pass.Gains?.ResidualOf(0));
        return x.MoveToOuterDisposeScope();
    }
}
