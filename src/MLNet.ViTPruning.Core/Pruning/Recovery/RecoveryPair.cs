using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>A step of the pruned model, and what it stands for in the dense one.</summary>
/// <param name="Pruned">The step; null for what was removed from the model's beginning.</param>
/// <param name="Dense">The same step of the dense model, and those after it that were removed.</param>
internal sealed record StepPair(ModelStep? Pruned, IReadOnlyList<ModelStep> Dense);

/// <summary>A model before and after something was removed, step beside step.</summary>
internal sealed class RecoveryPair
{
    private readonly PruningPlan? _plan;
    private readonly Dictionary<string, Tensor> _weights;
    private readonly List<string> _prefixes;

    private RecoveryPair(VisionModel dense, VisionModel pruned, PruningPlan? plan, Func<ModelStep, bool> remains)
    {
        _plan = plan;
        (Dense, Pruned) = (new ModelSteps(dense), new ModelSteps(pruned));
        _weights = pruned.state_dict();
        _prefixes = BlockKeys.Prefixes(pruned.Configuration);
        var steps = new List<(ModelStep? Pruned, List<ModelStep> Dense)>();
        int next = 0;
        foreach (var step in Dense.Steps)
        {
            if (remains(step)) steps.Add((Pruned.Steps[next++], [step]));
            else if (steps.Count == 0) steps.Add((null, [step]));
            else steps[^1].Dense.Add(step);
        }
        Steps = [.. steps.Select(step => new StepPair(step.Pruned, step.Dense))];
    }

    /// <summary>A model and the one with fewer channels that a plan leads to.</summary>
    public static RecoveryPair Of(VisionModel dense, VisionModel pruned, PruningPlan plan) => new(dense, pruned, plan, _ => true);

    /// <summary>A model and the shallower one that has so many of its halves left, in their order.</summary>
    public static RecoveryPair Of(VisionModel dense, VisionModel pruned, IReadOnlyCollection<BlockHalfId> remaining) =>
        new(dense, pruned, null, step => step.Half is not { } half || remaining.Contains(new BlockHalfId(step.Block, half)));

    /// <summary>The model before.</summary>
    public ModelSteps Dense { get; }

    /// <summary>The model after.</summary>
    public ModelSteps Pruned { get; }

    /// <summary>The steps of both, in order.</summary>
    public IReadOnlyList<StepPair> Steps { get; }

    /// <summary>Channels that a step's output layer still reads, of those that it read before.</summary>
    /// <remarks>Of channels that were removed, not of depth.</remarks>
    public IReadOnlyList<int> KeptInputs(ModelStep step) =>
        step.Half == BlockHalf.Attention ? _plan!.Blocks[step.Block].AttentionChannels : _plan!.Blocks[step.Block].MlpChannels;

    /// <summary>Of the dense model's residual channels those that the pruned one has.</summary>
    /// <param name="step">A step in the stage concerned.</param>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <returns>Tokens <c>[B, N, kept]</c>.</returns>
    public Tensor KeptOutputs(ModelStep step, Tensor x) => _plan?.Embed is { } embed ? ModelSlicer.Select(x, -1, embed[step.Stage]) : x;

    /// <summary>The learned gains that a half's result is multiplied by on its way into the stream, <c>[C]</c>; null where there are none.</summary>
    public Tensor? Gains(ModelStep step) => _weights.GetValueOrDefault(_prefixes[step.Block] + (step.Half == BlockHalf.Attention ? ".ls1.gamma" : ".ls2.gamma"));

    /// <summary>How much each token of a stream counts: those that the head reads half as much as all others together.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <returns>Weights <c>[1, N, 1]</c>; null where all tokens are read.</returns>
    public Tensor? TokenWeights(Tensor x)
    {
        if (Dense.TokensRead is not { } read) return null;
        var weights = ones(1, x.shape[1], 1, dtype: float64, device: x.device);
        weights.narrow(1, 0, read).fill_(Math.Max(1, (x.shape[1] - read) / (2.0 * read)));
        return weights;
    }

    /// <summary>Solves for a step's output layer and changes it.</summary>
    /// <param name="step">The step of the pruned model.</param>
    /// <param name="equations">Sums over all images.</param>
    /// <param name="ridge">Cost of the weights' change.</param>
    /// <param name="gains">What the layer's result is multiplied by before it is what the equations are about, <c>[C]</c>; null for nothing.</param>
    /// <returns>How well the layer does before and after.</returns>
    public HalfRecovery Fit(ModelStep step, NormalEquations equations, double ridge, Tensor? gains = null)
    {
        using var scope = NewDisposeScope();
        var (weight, bias, after) = equations.Solve(ridge);
        var layer = _prefixes[step.Block] + (step.Half == BlockHalf.Attention ? ".attn.proj" : ".mlp.fc2");
        if (weight is not null) Add(_weights[layer + ".weight"], Through(weight, gains?.unsqueeze(1)));
        Add(_weights[layer + ".bias"], Through(bias, gains));
        return new HalfRecovery(step.Block, step.Half!.Value, equations.ErrorBefore, after);
    }

    // A gain of zero lets nothing through, whatever stands before it.
    private static Tensor Through(Tensor change, Tensor? gains) => gains is null ? change : where(gains == 0, 0, change / gains.to(float64));

    private static void Add(Tensor target, Tensor change) => target.copy_(target.to(float64) + change);
}
