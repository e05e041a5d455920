using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>A model before and after its channels were removed, step for step alike.</summary>
internal sealed class RecoveryPair
{
    private readonly PruningPlan _plan;
    private readonly Dictionary<string, Tensor> _weights;
    private readonly List<string> _prefixes;

    public RecoveryPair(VisionModel dense, VisionModel pruned, PruningPlan plan)
    {
        _plan = plan;
        (Dense, Pruned) = (new ModelSteps(dense), new ModelSteps(pruned));
        _weights = pruned.state_dict();
        _prefixes = BlockKeys.Prefixes(pruned.Configuration);
    }

    /// <summary>The model before.</summary>
    public ModelSteps Dense { get; }

    /// <summary>The model after.</summary>
    public ModelSteps Pruned { get; }

    /// <summary>The steps of either.</summary>
    public IReadOnlyList<ModelStep> Steps => Pruned.Steps;

    /// <summary>Channels that a step's output layer still reads, of those that it read before.</summary>
    public IReadOnlyList<int> KeptInputs(ModelStep step) =>
        step.Half == BlockHalf.Attention ? _plan.Blocks[step.Block].AttentionChannels : _plan.Blocks[step.Block].MlpChannels;

    /// <summary>Of the dense model's residual channels those that the pruned one has.</summary>
    /// <param name="step">A step in the stage concerned.</param>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <returns>Tokens <c>[B, N, kept]</c>.</returns>
    public Tensor KeptOutputs(ModelStep step, Tensor x) => _plan.Embed is { } embed ? ModelSlicer.Select(x, -1, embed[step.Stage]) : x;

    /// <summary>Solves for a step's output layer and changes it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="equations">Sums over all images.</param>
    /// <param name="ridge">Cost of the weights' change.</param>
    /// <returns>How well the layer does before and after.</returns>
    public HalfRecovery Fit(ModelStep step, NormalEquations equations, double ridge)
    {
        using var scope = NewDisposeScope();
        var (weight, bias, after) = equations.Solve(ridge);
        var layer = _prefixes[step.Block] + (step.Half == BlockHalf.Attention ? ".attn.proj" : ".mlp.fc2");
        if (weight is not null) Add(_weights[layer + ".weight"], weight);
        Add(_weights[layer + ".bias"], bias);
        return new HalfRecovery(step.Block, step.Half!.Value, equations.ErrorBefore, after);
    }

    private static void Add(Tensor target, Tensor change) => target.copy_(target.to(float64) + change);
}
