using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

// How much each patch of each layer matters for the answer.
public sealed partial class PatchSkipModel
{
    /// <summary>How much the model's answer would change, to first order, if one patch were left out by one layer of the dense model; as shares of the
    /// image's sum over all layers that skip.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <returns>Shares <c>[B, P]</c>, one tensor for each of the configuration's layers, owned by the caller; without gradients.</returns>
    /// <remarks>Ours; the idea of Fisher pruning applied to patches: the square of <c>g . (idle - computed)</c>, where g is the gradient, by the patch
    /// after the layer, of the margin between the model's first class and all others. One pass forwards and backwards for all layers. Shares
    /// of different layers can be compared, so that one threshold also shares a budget out among the layers.</remarks>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    internal IReadOnlyList<Tensor> Importance(Tensor images)
    {
        var configuration = _configuration;
        using var scope = NewDisposeScope();
        int prefix = _backbone.Configuration.PrefixTokens();
        var pass = _backbone.Begin(images, null) with { Cached = false, MayChoose = false };
        var (before, after) = (new List<Tensor>(), new List<Tensor>());
        var gradients = Gradients(images, pass, configuration, before, after);                          // L x [B, N, C]
        using var noGrad = no_grad();
        var squares = configuration.Layers.Select((layer, i) =>
        {
            var lost = IdleShift.Apply(before[i].detach(), ShiftOf(layer.Layer)) - after[i].detach();   // [B, N, C]
            return (gradients[i] * lost).sum([-1L]).narrow(1, prefix, lost.shape[1] - prefix).square(); // [B, P]
        }).ToList();
        var total = squares.Select(s => s.sum([1L], keepdim: true)).Aggregate((a, b) => a + b);         // [B, 1]
        var shares = squares.Select(s => (s / total).nan_to_num(0).MoveToOuterDisposeScope()).ToList();
        return shares;
    }

    /// <summary>What each layer that skips adds to the patches of a batch where nothing is skipped, summed in double.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>.</param>
    /// <returns>Sums <c>[C]</c>, one tensor for each of the configuration's layers, owned by the caller.</returns>
    internal IReadOnlyList<Tensor> SumsAdded(Tensor images)
    {
        var configuration = _configuration;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        int prefix = _backbone.Configuration.PrefixTokens();
        var pass = _backbone.Begin(images, null);
        var sums = new List<Tensor>();
        var x = _backbone.Enter(images, pass);                                                          // [B, N, C]
        for (int i = 0; sums.Count < configuration.Layers.Count; i++)
        {
            var next = _backbone.BlockLayers[i].Apply(x.clone(), pass);                                 // [B, N, C]
            if (configuration.Of(i) is not null)
                sums.Add((next - x).narrow(1, prefix, x.shape[1] - prefix).to(ScalarType.Float64).sum([0L, 1L]).MoveToOuterDisposeScope()); // [C]
            x = next;
        }
        return sums;
    }

    private Tensor[] Gradients(Tensor images, ForwardPass pass, PatchSkipConfiguration configuration, List<Tensor> before, List<Tensor> after)
    {
        using var gradients = enable_grad();
        var blocks = _backbone.BlockLayers;
        var x = _backbone.Enter(images, pass).detach().requires_grad_(true);                            // [B, N, C]
        for (int i = 0; i < blocks.Count; i++)
        {
            bool skips = configuration.Of(i) is not null;
            if (skips) before.Add(x);
            // The last layer that skips may be the model's last, whose patches are then needed.
            x = blocks[i].Apply(x, pass, i == blocks.Count - 1 && !skips ? _backbone.TokensRead : null); // [B, N, C]
            if (skips) after.Add(x);
        }
        return [.. autograd.grad([Margin(_backbone.Finish(x, blocks.Count, pass)).sum()], after)];
    }

    /// <summary>The logarithm of how much likelier the first class is than all others together, <c>[B]</c>; where there is one class, its logit.</summary>
    private static Tensor Margin(Tensor logits)
    {
        if (logits.shape[1] == 1) return logits.squeeze(1);
        var first = logits.argmax(1, keepdim: true);                                                    // [B, 1]
        var others = logits.scatter(1, first, full_like(first, double.NegativeInfinity, dtype: logits.dtype)); // [B, K]
        return logits.gather(1, first).squeeze(1) - others.logsumexp(1);
    }
}
