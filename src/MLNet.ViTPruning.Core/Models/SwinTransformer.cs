using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Swin Transformer v1: attention within windows that shift from block to block, and patch merging between stages.</summary>
/// <remarks>Source: Liu et al., "Swin Transformer" (arXiv:2103.14030). Between blocks the tokens stand window by window.</remarks>
public sealed class SwinTransformer : VisionModel
{
    [ComponentName(Name = "patch_embed")] private readonly PatchEmbedding _patchEmbedding;
    [ComponentName(Name = "layers")] private readonly ModuleList<SwinStage> _stages;
    [ComponentName(Name = "norm")] private readonly Norm _norm;
    [ComponentName(Name = "head")] private readonly SwinHead _head;

    internal SwinTransformer(ModelConfiguration configuration) : base(configuration, nameof(SwinTransformer))
    {
        _patchEmbedding = new PatchEmbedding(configuration, norm: true, window: configuration.WindowOf(0));
        var stages = new List<SwinStage>();
        for (int s = 0; s < configuration.Stages.Count; s++) stages.Add(new SwinStage(configuration, s, stages.LastOrDefault()));
        _stages = new ModuleList<SwinStage>([.. stages]);
        _norm = new Norm(configuration.NumFeatures, configuration.LayerNormEpsilon);
        _head = new SwinHead(configuration);
        RegisterComponents();
    }

    private protected override Tensor Encode(Tensor images, ForwardPass pass, List<Tensor>? blockOutputs)
    {
        var x = _patchEmbedding.Apply(images, pass);            // [B, N, C]
        foreach (var stage in _stages) x = stage.Apply(x, pass, blockOutputs);
        return Pool(x, pass);
    }

    private Tensor Pool(Tensor x, ForwardPass pass) =>
        _norm.Apply(x, pass.Gains?.ResidualOf(Configuration.Stages.Count - 1)).mean([1], keepdim: true); // [B, 1, C]

    internal override IReadOnlyList<TransformerBlock> BlockLayers => [.. _stages.SelectMany(stage => stage.Blocks)];

    internal override int? TokensRead => null;

    internal override Tensor Enter(Tensor images, ForwardPass pass) => _patchEmbedding.Apply(images, pass);

    internal override Tensor Approach(Tensor x, int block, ForwardPass pass)
    {
        int first = 0;
        foreach (var stage in _stages)
        {
            if (first == block) return stage.Open(x, pass);
            first += stage.Blocks.Count();
        }
        return x;
    }

    internal override Tensor Finish(Tensor x, int block, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var layers = BlockLayers;
        for (int i = block; i < layers.Count; i++) x = layers[i].Apply(Approach(x, i, pass), pass);
        return Classify(Pool(x, pass), pass).MoveToOuterDisposeScope(); // [B, numClasses]
    }

    private protected override Tensor Classify(Tensor features, ForwardPass pass) => _head.Apply(features.select(1, 0), pass); // [B, numClasses]
}
