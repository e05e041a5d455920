using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Factors that a forward pass multiplies into the channels of each block: ones change nothing, zeros mask a
/// channel, and their gradients tell what each channel is worth to each image.</summary>
/// <remarks>The caller owns the tensors. An entry that is null, or beyond the end of its list, changes nothing.</remarks>
public sealed class ChannelGains
{
    /// <summary>Per block (all stages in order): factors of the attention channels, <c>[B or 1, heads * headDim]</c>,
    /// multiplied into query, key and value alike, biases included.</summary>
    public IReadOnlyList<Tensor?> Attention { get; init; } = [];

    /// <summary>Per stage (a plain ViT has one): factors of the residual channels, <c>[B or 1, embedDim]</c>. They stand in every
    /// LayerNorm that reads the stream, which then weighs its mean and variance by them: a zero takes the channel away from all
    /// of them, exactly as if the stream were narrower.</summary>
    public IReadOnlyList<Tensor?> Residual { get; init; } = [];

    /// <summary>Per block: factors of the MLP's hidden channels, <c>[B or 1, mlpHiddenDim]</c>, multiplied in after the activation.</summary>
    public IReadOnlyList<Tensor?> Mlp { get; init; } = [];

    /// <summary>The attention factors of one block, or null.</summary>
    /// <param name="block">Index over all blocks, from 0.</param>
    public Tensor? AttentionOf(int block) => block < Attention.Count ? Attention[block] : null;

    /// <summary>The residual factors of one stage, or null.</summary>
    /// <param name="stage">Index of the stage, from 0.</param>
    public Tensor? ResidualOf(int stage) => stage < Residual.Count ? Residual[stage] : null;

    /// <summary>The MLP factors of one block, or null.</summary>
    /// <param name="block">Index over all blocks, from 0.</param>
    public Tensor? MlpOf(int block) => block < Mlp.Count ? Mlp[block] : null;
}
