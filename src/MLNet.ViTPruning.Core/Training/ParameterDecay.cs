using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Which parameters AdamW decays: weight matrices.</summary>
internal static class ParameterDecay
{
    private static readonly string[] Exempt = ["cls_token", "dist_token", "pos_embed", "relative_position_bias_table"];

    /// <summary>Whether a parameter is decayed. Vectors (biases, norms, gains), tokens, position embeddings and bias tables are not.</summary>
    /// <param name="name">Its key in the state dict.</param>
    /// <param name="parameter">The parameter.</param>
    public static bool Decays(string name, Tensor parameter) =>
        parameter.ndim > 1 && !Array.Exists(Exempt, part => name.EndsWith(part, StringComparison.Ordinal));
}
