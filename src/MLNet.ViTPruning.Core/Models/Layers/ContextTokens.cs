using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>All tokens as a block's attention sees them.</summary>
/// <param name="Normalised">Tokens <c>[B, N, C]</c> after the block's first norm.</param>
/// <param name="Key">Keys <c>[B, heads, N, headDim]</c>.</param>
/// <param name="Value">Values, shaped like the keys.</param>
internal sealed record ContextTokens(Tensor Normalised, Tensor Key, Tensor Value);
