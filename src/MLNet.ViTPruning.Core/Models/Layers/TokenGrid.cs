using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>How the tokens of a PVTv2 stage stand: row by row in a square.</summary>
/// <param name="Side">Side of the square in tokens.</param>
/// <param name="Reduction">Side of the square of tokens that become one key and value.</param>
/// <param name="Stage">The stage's index.</param>
internal sealed record TokenGrid(int Side, int Reduction, int Stage)
{
    /// <summary>Epsilon of the norms behind convolutions, that of embeddings and that of reduced tokens, in the published weights.</summary>
    public const double NormEpsilon = 1e-5;

    /// <summary>The grid of a stage.</summary>
    /// <param name="configuration">The model's configuration.</param>
    /// <param name="stage">The stage's index.</param>
    public static TokenGrid Of(ModelConfiguration configuration, int stage) =>
        new(configuration.ResolutionOf(stage), configuration.ReductionRatios![stage], stage);

    /// <summary>Tokens as an image; a view in channels-last form.</summary>
    /// <param name="tokens">Tokens <c>[B, N, C]</c>.</param>
    /// <returns>An image <c>[B, C, H, W]</c>.</returns>
    public Tensor ToImage(Tensor tokens) => tokens.unflatten(1, Side, Side).permute(0, 3, 1, 2); // [B, C, H, W]

    /// <summary>An image as tokens, contiguous.</summary>
    /// <param name="image">An image <c>[B, C, H, W]</c>.</param>
    /// <returns>Tokens <c>[B, N, C]</c>.</returns>
    public static Tensor ToTokens(Tensor image) => image.permute(0, 2, 3, 1).flatten(1, 2).contiguous(); // [B, N, C]

    /// <summary>The squares of tokens that become one, each with its channels as a convolution's weights have them.</summary>
    /// <param name="tokens">Tokens <c>[B, N, C]</c>.</param>
    /// <returns>Squares <c>[B, N / r^2, C * r * r]</c>.</returns>
    public Tensor Squares(Tensor tokens)
    {
        long b = tokens.shape[0], c = tokens.shape[2], r = Reduction, side = Side / r;
        return tokens.view(b, side, r, side, r, c)
            .permute(0, 1, 3, 5, 2, 4)                  // [B, H / r, W / r, C, r, r]
            .reshape(b, side * side, c * r * r);        // [B, N / r^2, C * r * r]
    }
}
