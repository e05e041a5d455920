using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>ViT and DeiT: one width, attention over all tokens.</summary>
/// <remarks>Sources: Dosovitskiy et al., "An Image is Worth 16x16 Words" (arXiv:2010.11929); Touvron et al., "Training
/// data-efficient image transformers" (arXiv:2012.12877) for the distillation token.</remarks>
public sealed class VisionTransformer : VisionModel
{
    [ComponentName(Name = "cls_token")] private readonly Parameter _classToken;
    [ComponentName(Name = "dist_token")] private readonly Parameter? _distillationToken;
    [ComponentName(Name = "pos_embed")] private readonly Parameter _positions;
    [ComponentName(Name = "patch_embed")] private readonly PatchEmbedding _patchEmbedding;
    [ComponentName(Name = "blocks")] private readonly ModuleList<TransformerBlock> _blocks;
    [ComponentName(Name = "norm")] private readonly Norm? _norm;
    [ComponentName(Name = "fc_norm")] private readonly Norm? _pooledNorm;
    [ComponentName(Name = "head")] private readonly LinearLayer _head;
    [ComponentName(Name = "head_dist")] private readonly LinearLayer? _distillationHead;

    internal VisionTransformer(ModelConfiguration configuration) : base(configuration, nameof(VisionTransformer))
    {
        var stage = configuration.Stages[0];
        int width = stage.EmbedDim;
        _classToken = Weights.Empty(1, 1, width);
        _positions = Weights.Empty(1, configuration.TokensOf(0), width);
        _patchEmbedding = new PatchEmbedding(configuration, norm: false, window: configuration.ResolutionOf(0));
        _blocks = new ModuleList<TransformerBlock>(
            [.. stage.Blocks.Select((block, i) => new TransformerBlock(configuration, width, block, i, stage: 0, windows: null))]);
        if (configuration.Pooling == Pooling.Mean) _pooledNorm = new Norm(width, configuration.LayerNormEpsilon);
        else _norm = new Norm(width, configuration.LayerNormEpsilon);
        _head = new LinearLayer([configuration.NumClasses, width]);
        if (configuration.DistillationToken)
        {
            _distillationToken = Weights.Empty(1, 1, width);
            _distillationHead = new LinearLayer([configuration.NumClasses, width]);
        }
        RegisterComponents();
    }

    /// <summary>Logits of the two heads apart, as a distillation loss needs them.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <returns>Logits <c>[B, numClasses]</c> of the class token's head and of the distillation token's; owned by the caller.</returns>
    /// <exception cref="InvalidOperationException">The model has no distillation token.</exception>
    public (Tensor Class, Tensor Distillation) ForwardHeads(Tensor images) => ForwardHeads(images, null);

    /// <inheritdoc cref="ForwardHeads(Tensor)"/>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <param name="blockOutputs">Receives what <see cref="VisionModel.BlockOutputs"/> returns, to the scope around this call; null for nothing.</param>
    internal (Tensor Class, Tensor Distillation) ForwardHeads(Tensor images, List<Tensor>? blockOutputs)
    {
        if (_distillationHead is null)
            throw new InvalidOperationException("The model has no distillation token; its configuration says distillationToken = false.");
        using var scope = NewDisposeScope();
        var pass = Begin(images, null);
        var features = Encode(images, pass, blockOutputs); // [B, 2, C]
        if (blockOutputs is not null)
            foreach (var output in blockOutputs) output.MoveToOuterDisposeScope();
        return (_head.ApplyInFull(features.select(1, 0), pass).MoveToOuterDisposeScope(),
            _distillationHead.ApplyInFull(features.select(1, 1), pass).MoveToOuterDisposeScope());
    }

    private protected override Tensor Encode(Tensor images, ForwardPass pass, List<Tensor>? blockOutputs)
    {
        var x = Embed(images, pass);                                            // [B, N, C]
        return RunBlocks(x, 0, pass, blockOutputs);
    }

    private Tensor RunBlocks(Tensor x, int first, ForwardPass pass, List<Tensor>? blockOutputs)
    {
        int prefix = Configuration.PrefixTokens();
        for (int i = first; i < _blocks.Count; i++)
        {
            // After the last block only the prefix tokens are read, so it need not compute the others, gradients included.
            bool last = i == _blocks.Count - 1 && blockOutputs is null && _norm is not null;
            x = _blocks[i].Apply(x, pass, last ? prefix : null);                // [B, N, C]; after the last [B, prefix, C]
            blockOutputs?.Add(x.clone());
        }
        var gains = pass.Gains?.ResidualOf(0);
        return _pooledNorm is not null
            ? _pooledNorm.Apply(x.narrow(1, prefix, x.shape[1] - prefix).mean([1], keepdim: true), gains) // [B, 1, C]
            : _norm!.Apply(x.narrow(1, 0, prefix), gains);                                                // [B, prefix, C]
    }

    internal override IReadOnlyList<TransformerBlock> BlockLayers => [.. _blocks];

    internal override int? TokensRead => _norm is null ? null : Configuration.PrefixTokens();

    internal override Tensor Enter(Tensor images, ForwardPass pass) => Embed(images, pass);

    internal override Tensor Approach(Tensor x, int block, ForwardPass pass) => x;

    internal override Tensor Finish(Tensor x, int block, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return Classify(RunBlocks(x, block, pass, null), pass).MoveToOuterDisposeScope(); // [B, numClasses]
    }

    private protected override Tensor Classify(Tensor features, ForwardPass pass)
    {
        var logits = _head.ApplyInFull(features.select(1, 0), pass);                  // [B, numClasses]
        return _distillationHead is null ? logits : (logits + _distillationHead.ApplyInFull(features.select(1, 1), pass)) / 2;
    }

    private Tensor Embed(Tensor images, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long b = images.shape[0], width = Configuration.Stages[0].EmbedDim;
        var patches = _patchEmbedding.Apply(images, pass);                      // [B, patches, C]
        var classToken = _classToken.expand(b, 1, width);                       // [B, 1, C]
        var x = _distillationToken is null
            ? cat([classToken, patches], 1)                                                 // [B, N, C]
            : cat([classToken, _distillationToken.expand(b, 1, width), patches], 1);        // [B, N, C]
        return (pass.Cached ? x.add_(_positions) : x + _positions).MoveToOuterDisposeScope();
    }
}
