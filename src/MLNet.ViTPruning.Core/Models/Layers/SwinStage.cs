using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>One stage of a Swin Transformer: patch merging (except in the first), then its blocks.</summary>
internal sealed class SwinStage : nn.Module
{
    [ComponentName(Name = "downsample")] private readonly PatchMerging? _downsample;
    [ComponentName(Name = "blocks")] private readonly ModuleList<TransformerBlock> _blocks;
    private readonly WindowLayout _plain;
    private readonly WindowLayout _shifted;

    /// <param name="configuration">The model's configuration.</param>
    /// <param name="stage">The stage's index.</param>
    /// <param name="before">The stage before, or null for the first.</param>
    public SwinStage(ModelConfiguration configuration, int stage, SwinStage? before) : base(nameof(SwinStage))
    {
        int resolution = configuration.ResolutionOf(stage), window = configuration.WindowOf(stage);
        int width = configuration.Stages[stage].EmbedDim;
        int first = configuration.FirstBlockOf(stage);
        _plain = new WindowLayout(resolution, window, 0);
        _shifted = new WindowLayout(resolution, window, configuration.ShiftOf(stage, block: 1));
        if (before is not null)
        {
            int widthBefore = configuration.Stages[stage - 1].EmbedDim;
            _downsample = new PatchMerging(widthBefore, width, before._plain, _plain, configuration.LayerNormEpsilon, stage);
        }
        _blocks = new ModuleList<TransformerBlock>([.. configuration.Stages[stage].Blocks.Select((block, i) =>
            new TransformerBlock(configuration, width, block, first + i, stage, configuration.ShiftOf(stage, i) == 0 ? _plain : _shifted))]);
        RegisterComponents();
    }

    /// <summary>The stage's blocks.</summary>
    public IEnumerable<TransformerBlock> Blocks => _blocks;

    /// <summary>What stands before the stage's first block.</summary>
    /// <param name="x">Tokens of the stage before.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N', C']</c>; the argument itself in the first stage.</returns>
    public Tensor Open(Tensor x, ForwardPass pass) => _downsample is null ? x : _downsample.Apply(x, pass);

    /// <summary>Applies the stage.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c> of the stage before, window by window.</param>
    /// <param name="pass">The forward pass.</param>
    /// <param name="blockOutputs">Receives the residual stream after each block, <c>[B, H, W, C]</c>, or null.</param>
    /// <returns>Tokens <c>[B, N', C']</c> in this stage's windows.</returns>
    public Tensor Apply(Tensor x, ForwardPass pass, List<Tensor>? blockOutputs)
    {
        x = Open(x, pass);
        foreach (var block in _blocks)
        {
            x = block.Apply(x, pass);
            if (blockOutputs is null) continue;
            var rows = x.index_select(1, _plain.ToRows.On(x));                              // [B, H * W, C]
            blockOutputs.Add(rows.unflatten(1, _plain.Resolution, _plain.Resolution));      // [B, H, W, C]
        }
        return x;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plain.Dispose();
            _shifted.Dispose();
        }
        base.Dispose(disposing);
    }
}

/// <summary>Swin's classifier, one level deeper in the state dict than ViT's: <c>head.fc</c>.</summary>
internal sealed class SwinHead : nn.Module
{
    [ComponentName(Name = "fc")] private readonly LinearLayer _fc;

    public SwinHead(ModelConfiguration configuration) : base(nameof(SwinHead))
    {
        _fc = new LinearLayer([configuration.NumClasses, configuration.NumFeatures]);
        RegisterComponents();
    }

    /// <summary>Logits of pooled features.</summary>
    /// <param name="features">Features <c>[B, C]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    public Tensor Apply(Tensor features, ForwardPass pass) => _fc.ApplyInFull(features, pass); // [B, numClasses]
}
