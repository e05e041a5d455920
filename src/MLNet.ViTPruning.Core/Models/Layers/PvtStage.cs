using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>One stage of a PVTv2: overlapping patches of the stage before (except in the first), its blocks, a norm.</summary>
internal sealed class PvtStage : nn.Module
{
    private const int Stride = 2;

    [ComponentName(Name = "downsample")] private readonly OverlappingEmbedding? _downsample;
    [ComponentName(Name = "blocks")] private readonly ModuleList<TransformerBlock> _blocks;
    [ComponentName(Name = "norm")] private readonly Norm _norm;
    private readonly TokenGrid _grid;

    /// <param name="configuration">The model's configuration.</param>
    /// <param name="stage">The stage's index.</param>
    public PvtStage(ModelConfiguration configuration, int stage) : base(nameof(PvtStage))
    {
        _grid = TokenGrid.Of(configuration, stage);
        int width = configuration.Stages[stage].EmbedDim;
        int first = configuration.FirstBlockOf(stage);
        if (stage > 0) _downsample = new OverlappingEmbedding(configuration.Stages[stage - 1].EmbedDim, width, Stride, stage);
        _blocks = new ModuleList<TransformerBlock>([.. configuration.Stages[stage].Blocks.Select((block, i) =>
            new TransformerBlock(configuration, width, block, first + i, stage, windows: null, _grid))]);
        _norm = new Norm(width, configuration.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <summary>The stage's blocks.</summary>
    public IReadOnlyList<TransformerBlock> Blocks => [.. _blocks];

    /// <summary>What stands between the stage before and this one's first block.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c> of the stage before.</param>
    /// <param name="before">The stage before.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N / 4, C']</c>.</returns>
    public Tensor Open(Tensor x, PvtStage before, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _downsample!.Apply(before._grid.ToImage(before.Close(x, pass)), pass).MoveToOuterDisposeScope(); // [B, N / 4, C']
    }

    /// <summary>The norm behind the stage's last block.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    public Tensor Close(Tensor x, ForwardPass pass) => _norm.Apply(x, pass.Gains?.ResidualOf(_grid.Stage)); // [B, N, C]

    /// <summary>A copy of the residual stream as rows of tokens.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <returns>Tokens <c>[B, H, W, C]</c>.</returns>
    public Tensor Rows(Tensor x) => x.unflatten(1, _grid.Side, _grid.Side).clone(); // [B, H, W, C]
}
