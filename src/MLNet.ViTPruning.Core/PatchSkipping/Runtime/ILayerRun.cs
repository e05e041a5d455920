using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Runtime;

/// <summary>How the layers of one forward pass are computed; holds what one layer leaves to the next.</summary>
internal interface ILayerRun
{
    /// <summary>Computes a layer.</summary>
    /// <param name="block">The layer.</param>
    /// <param name="layer">Its index.</param>
    /// <param name="x">Tokens <c>[B, N, C]</c>; overwritten and returned where the pass allows it.</param>
    /// <param name="keep">How many tokens of the result are wanted, counted from the first; null for all of them.</param>
    /// <returns>Tokens <c>[B, N, C]</c>, fewer where tokens were merged or not wanted.</returns>
    Tensor Apply(TransformerBlock block, int layer, Tensor x, int? keep);
}
