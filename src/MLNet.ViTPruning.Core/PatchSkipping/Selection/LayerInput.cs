using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Selection;

/// <summary>What a layer's patches are selected by.</summary>
/// <param name="tokens">The residual stream before the layer, <c>[B, N, C]</c>; not to be changed.</param>
/// <param name="prefix">Tokens before the patches.</param>
/// <param name="policy">How the layer skips.</param>
/// <param name="block">The layer.</param>
/// <param name="pass">The forward pass.</param>
/// <param name="images">The images of the batch.</param>
internal sealed class LayerInput(Tensor tokens, int prefix, PatchSkipLayer policy, TransformerBlock block, ForwardPass pass, ImageKeys images)
{
    private ContextTokens? _context;

    public Tensor Tokens => tokens;

    public int Prefix => prefix;

    /// <summary>Patches P of an image.</summary>
    public long Patches => tokens.shape[1] - prefix;

    public PatchSkipLayer Policy => policy;

    public TransformerBlock Block => block;

    public ForwardPass Pass => pass;

    public ImageKeys Images => images;

    /// <summary>All tokens as the layer's attention sees them; computed once, and then the layer need not do it.</summary>
    public ContextTokens Context => _context ??= block.Context(tokens, pass);

    /// <summary>The same where it was computed, or null.</summary>
    public ContextTokens? KnownContext => _context;
}
