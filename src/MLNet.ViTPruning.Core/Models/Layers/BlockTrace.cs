using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>What an attention product is computed from.</summary>
/// <param name="Query">Queries <c>[B, G * heads, m, headDim]</c>.</param>
/// <param name="Key">Keys <c>[B, G * heads, n, headDim]</c>.</param>
/// <param name="Value">Values, shaped like the keys.</param>
/// <param name="Mask">Added to the attention logits, <c>[1, G * heads, m, n]</c>, or null.</param>
internal sealed record AttentionParts(Tensor Query, Tensor Key, Tensor Value, Tensor? Mask);

/// <summary>A block's results on the way, from which its result without one channel follows at little cost. The tensors belong to the
/// scope in which the trace was made.</summary>
/// <param name="Attention">Query, key and value; null without an attention half.</param>
/// <param name="Middle">The residual stream between the halves, <c>[B, m, C]</c>.</param>
/// <param name="Hidden">The MLP's hidden channels after the activation, <c>[B, m, M]</c>; null without an MLP half.</param>
/// <param name="Output">The residual stream after the block, <c>[B, m, C]</c>.</param>
internal sealed record BlockTrace(AttentionParts? Attention, Tensor Middle, Tensor? Hidden, Tensor Output);
