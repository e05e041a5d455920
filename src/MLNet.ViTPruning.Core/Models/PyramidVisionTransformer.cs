using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Pyramid Vision Transformer v2: stages of shrinking grids whose tokens see a reduced grid of keys, overlapping patches, and
/// depth-wise convolutions in the MLPs instead of position embeddings.</summary>
/// <remarks>Source: Wang et al., "PVT v2: Improved Baselines with Pyramid Vision Transformer" (arXiv:2106.13797), without the linear
/// variant of its attention. Between blocks the tokens stand row by row.</remarks>
public sealed class PyramidVisionTransformer : VisionModel
{
    private const int Colours = 3;

    [ComponentName(Name = "patch_embed")] private readonly OverlappingEmbedding _patchEmbedding;
    [ComponentName(Name = "stages")] private readonly ModuleList<PvtStage> _stages;
    [ComponentName(Name = "head")] private readonly LinearLayer _head;

    internal PyramidVisionTransformer(ModelConfiguration configuration) : base(configuration, nameof(PyramidVisionTransformer))
    {
        _patchEmbedding = new OverlappingEmbedding(Colours, configuration.Stages[0].EmbedDim, configuration.PatchSize, stage: 0);
        _stages = new ModuleList<PvtStage>([.. Enumerable.Range(0, configuration.Stages.Count).Select(s => new PvtStage(configuration, s))]);
        _head = new LinearLayer([configuration.NumClasses, configuration.NumFeatures]);
        RegisterComponents();
    }

    private protected override Tensor Encode(Tensor images, ForwardPass pass, List<Tensor>? blockOutputs)
    {
        var x = Enter(images, pass);                                                    // [B, N, C]
        for (int s = 0; s < _stages.Count; s++)
        {
            if (s > 0) x = _stages[s].Open(x, _stages[s - 1], pass);                    // [B, N / 4, C']
            foreach (var block in _stages[s].Blocks)
            {
                x = block.Apply(x, pass);
                blockOutputs?.Add(_stages[s].Rows(x));
            }
        }
        return Pool(x, pass);
    }

    private Tensor Pool(Tensor x, ForwardPass pass) => _stages[^1].Close(x, pass).mean([1], keepdim: true); // [B, 1, C]

    internal override IReadOnlyList<TransformerBlock> BlockLayers => [.. _stages.SelectMany(stage => stage.Blocks)];

    internal override int? TokensRead => null;

    internal override Tensor Enter(Tensor images, ForwardPass pass) => _patchEmbedding.Apply(images, pass); // [B, N, C]

    internal override Tensor Approach(Tensor x, int block, ForwardPass pass)
    {
        int first = 0;
        for (int s = 1; s < _stages.Count; s++)
        {
            first += _stages[s - 1].Blocks.Count;
            if (first == block) return _stages[s].Open(x, _stages[s - 1], pass);
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

    private protected override Tensor Classify(Tensor features, ForwardPass pass) => _head.ApplyInFull(features.select(1, 0), pass); // [B, numClasses]
}
