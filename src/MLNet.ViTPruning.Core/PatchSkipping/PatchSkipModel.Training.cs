using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

// What training needs of a model: the labels of its scorers, and gradients for their decisions.
public sealed partial class PatchSkipModel
{
    /// <summary>Runs the layers up to the last that skips, and tells for each that does what its scorer said and should have said. The
    /// model skips on the way as it does in use, so that each layer sees what it will see then. The backbone runs without gradients; the
    /// scorers' outputs have them where gradients are enabled.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <returns>One entry for each of the configuration's layers, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    /// <exception cref="InvalidOperationException">The method has no scorers.</exception>
    public IReadOnlyList<LayerDecision> Label(Tensor images)
    {
        var configuration = ScoredConfiguration();
        bool gradients = is_grad_enabled();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var decisions = new List<LayerDecision>();
        var pass = _backbone.Begin(images, null);
        var blocks = _backbone.BlockLayers;
        var shares = configuration.Labels == SkipLabels.Importance ? Importance(images) : null;
        var x = _backbone.Enter(images, pass);                                                  // [B, N, C]
        for (int i = 0; decisions.Count < configuration.Layers.Count; i++)
        {
            if (configuration.Of(i) is { } policy)
            {
                var (decision, next) = Judge(blocks[i], x, policy, configuration, shares?[decisions.Count], pass, gradients);
                decisions.Add(decision);
                x = next;                                                                       // [B, N, C]
            }
            else
            {
                x = blocks[i].Apply(x, pass);                                                   // [B, N, C]
            }
        }
        foreach (var tensor in decisions.SelectMany(decision => decision.Tensors)) tensor.MoveToOuterDisposeScope();
        return decisions;
    }

    /// <summary>Classifies images so that gradients reach the scorers: each decision is hard on the way forward, and on the way back has the
    /// gradient of the score. Every layer computes every token, and idle ones get their old values back.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <returns>The logits of <see cref="forward"/> and the decisions, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    /// <exception cref="InvalidOperationException">The method has no scorers.</exception>
    public StraightThroughResult ForwardStraightThrough(Tensor images)
    {
        var configuration = ScoredConfiguration();
        using var scope = NewDisposeScope();
        var decisions = new List<LayerDecision>();
        var pass = _backbone.Begin(images, null);
        var blocks = _backbone.BlockLayers;
        var x = _backbone.Enter(images, pass);                                                  // [B, N, C]
        for (int i = 0; i < blocks.Count; i++)
        {
            if (configuration.Of(i) is { } policy)
            {
                var (decision, next) = Blend(blocks[i], x, policy, configuration, pass);
                decisions.Add(decision);
                x = next;                                                                       // [B, N, C]
            }
            else
            {
                x = blocks[i].Apply(x, pass, i == blocks.Count - 1 ? _backbone.TokensRead : null);
            }
        }
        foreach (var tensor in decisions.SelectMany(decision => decision.Tensors)) tensor.MoveToOuterDisposeScope();
        return new StraightThroughResult(_backbone.Finish(x, blocks.Count, pass).MoveToOuterDisposeScope(), decisions);
    }

    private (LayerDecision Decision, Tensor Next) Judge(
        TransformerBlock block, Tensor x, PatchSkipLayer policy, PatchSkipConfiguration configuration, Tensor? shares, ForwardPass pass, bool gradients)
    {
        using var scope = NewDisposeScope();
        int prefix = _backbone.Configuration.PrefixTokens();
        var logits = Scored(policy, x, pass, gradients);                                        // [B, P]
        var selection = Selector(configuration).Select(logits.detach(), policy, prefix);
        var mask = selection.Mask();                                                            // [B, P]
        var shift = configuration.ShiftsIdle ? ShiftOf(policy.Layer) : null;
        if (configuration.Labels == SkipLabels.Importance)
        {
            var labels = shares!.gt(configuration.ImportanceThreshold).to(x.dtype);             // [B, P]
            var kept = block.ApplyToKept(x.clone(), selection.Kept, configuration.ContextAttention, null, shift, pass); // [B, N, C]
            return (Decision(policy, x, logits, mask.to(x.dtype), null, labels), kept.MoveToOuterDisposeScope());
        }
        var whole = block.Apply(x.clone(), pass);                                               // [B, N, C]
        var idle = IdleShift.Apply(x, shift);                                                   // [B, N, C]
        // What computed tokens become where they see all stands in the whole layer's result.
        var next = configuration.ContextAttention
            ? whole.where(ScaledCosine.WithPrefix(mask, prefix), idle)
            : block.ApplyToKept(x.clone(), selection.Kept, seesAll: false, null, shift, pass);  // [B, N, C]
        var cosine = ScaledCosine.Of(idle, whole, prefix);                                      // [B, P]
        return (Decision(policy, x, logits, mask.to(x.dtype), cosine, Unsettled(cosine, policy, configuration, x.dtype)), next.MoveToOuterDisposeScope());
    }

    private (LayerDecision Decision, Tensor Next) Blend(
        TransformerBlock block, Tensor x, PatchSkipLayer policy, PatchSkipConfiguration configuration, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        int prefix = _backbone.Configuration.PrefixTokens();
        var logits = Scored(policy, x, pass, is_grad_enabled());                                // [B, P]
        var hard = Selector(configuration).Select(logits.detach(), policy, prefix).Mask().to(x.dtype);
        double centre = double.IsFinite(policy.ThresholdLogit) ? policy.ThresholdLogit : 0;
        var soft = (logits - centre).sigmoid();                                                 // [B, P]
        var mask = hard + (soft - soft.detach());                                               // [B, P], 0 or 1
        var input = x.clone();                                                                  // the layer may overwrite x
        var whole = configuration.ContextAttention ? block.Apply(input, pass) : AmongKept(block, input, hard, prefix, pass); // [B, N, C]
        var weights = ScaledCosine.WithPrefix(mask, prefix);                                    // [B, N, 1]
        var idle = IdleShift.Apply(x, configuration.ShiftsIdle ? ShiftOf(policy.Layer) : null); // [B, N, C]
        var next = weights * whole + (1 - weights) * idle;                                      // [B, N, C]
        if (configuration.Labels == SkipLabels.Importance) return (Decision(policy, x, logits, mask, null, null), next.MoveToOuterDisposeScope());
        var cosine = ScaledCosine.Of(idle, configuration.ContextAttention ? whole : WithoutGradients(block, x, pass), prefix); // [B, P]
        return (Decision(policy, x, logits, mask, cosine, Unsettled(cosine, policy, configuration, x.dtype)), next.MoveToOuterDisposeScope());
    }

    /// <summary>The layer for all tokens, idle ones hidden as keys.</summary>
    private static Tensor AmongKept(TransformerBlock block, Tensor x, Tensor hard, int prefix, ForwardPass pass)
    {
        if (!block.Has(BlockHalf.Attention)) return block.Apply(x, pass);
        var parts = block.Attending(x, null, pass);
        var hidden = ScaledCosine.WithPrefix(hard, prefix).log().to(parts.Key.dtype);           // [B, N, 1]: 0, or minus infinity
        return block.AddMlp(block.AddAttention(x, parts with { Mask = hidden.unsqueeze(1).transpose(2, 3) }, pass), pass);
    }

    private static Tensor WithoutGradients(TransformerBlock block, Tensor x, ForwardPass pass)
    {
        using var noGrad = no_grad();
        return block.Apply(x.clone(), pass);
    }

    private Tensor Scored(PatchSkipLayer policy, Tensor x, ForwardPass pass, bool gradients)
    {
        using var mode = set_grad_enabled(gradients);
        return ScorerOf(policy.Layer).Logits(x, gradients ? pass with { Cached = false, MayChoose = false } : pass); // [B, P]
    }

    /// <summary>1 where a layer changes a patch by more than its threshold allows to leave out, <c>[B, P]</c>.</summary>
    private static Tensor Unsettled(Tensor cosine, PatchSkipLayer policy, PatchSkipConfiguration configuration, ScalarType type) =>
        cosine.lt(policy.ScaledCosineThreshold ?? configuration.ScaledCosineThreshold).to(type);

    /// <summary>A decision whose tensors, but for the input, go to the scope around this one's.</summary>
    private static LayerDecision Decision(PatchSkipLayer policy, Tensor x, Tensor logits, Tensor mask, Tensor? cosine, Tensor? labels) => new(
        policy.Layer, x, logits.MoveToOuterDisposeScope(), mask.MoveToOuterDisposeScope(), cosine?.MoveToOuterDisposeScope(), labels?.MoveToOuterDisposeScope());

    private PatchSkipConfiguration ScoredConfiguration()
    {
        var configuration = _configuration;
        return configuration.HasScorers ? configuration : throw new InvalidOperationException($"{configuration.Method} has no scorers to train.");
    }
}
