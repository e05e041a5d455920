using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Surgery;

/// <summary>One step along a model's residual stream.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Block">Index over all blocks of the model.</param>
/// <param name="Half">The half that is added to the stream, or null for what stands before a stage's first block.</param>
internal sealed record ModelStep(int Stage, int Block, BlockHalf? Half);

/// <summary>A model as a list of steps along its residual stream, so that it can be run from the middle, measured, or run with
/// steps left out.</summary>
/// <remarks>The model is in evaluation mode; nothing here takes gradients. Kernels are the standard ones in the weights' own type, so that
/// what is decided by these figures is decided alike next time.</remarks>
internal sealed class ModelSteps
{
    private readonly VisionModel _model;
    private readonly IReadOnlyList<TransformerBlock> _blocks;

    public ModelSteps(VisionModel model)
    {
        _model = model;
        _blocks = model.BlockLayers;
        Steps = [.. Of(model.Configuration)];
    }

    /// <summary>The steps in order.</summary>
    public IReadOnlyList<ModelStep> Steps { get; }

    /// <summary>The steps of a model.</summary>
    /// <param name="configuration">Its configuration.</param>
    public static IEnumerable<ModelStep> Of(ModelConfiguration configuration)
    {
        int index = 0;
        for (int s = 0; s < configuration.Stages.Count; s++)
        {
            bool opened = s == 0;
            foreach (var block in configuration.Stages[s].Blocks)
            {
                if (!opened) yield return new ModelStep(s, index, null);
                opened = true;
                if (block.HasAttention) yield return new ModelStep(s, index, BlockHalf.Attention);
                if (block.HasMlp) yield return new ModelStep(s, index, BlockHalf.Mlp);
                index++;
            }
        }
    }

    /// <summary>How many tokens are read after the last step, counted from the first; null where all of them are.</summary>
    public int? TokensRead => _model.TokensRead;

    /// <summary>What all steps of one forward pass share.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>.</param>
    public ForwardPass Begin(Tensor images) => _model.Begin(images, null) with { MayChoose = false, LowPrecision = false };

    /// <summary>The residual stream before the first step, <c>[B, N, C]</c>.</summary>
    public Tensor Enter(Tensor images, ForwardPass pass) => _model.Enter(images, pass);

    /// <summary>Takes one step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="x">The stream before it; overwritten where the pass allows it.</param>
    /// <param name="pass">The forward pass.</param>
    /// <param name="keep">How many tokens of the result are wanted, counted from the first; null for all of them.</param>
    /// <returns>The stream after it.</returns>
    public Tensor Take(ModelStep step, Tensor x, ForwardPass pass, int? keep = null)
    {
        if (step.Half is not { } half) return _model.Approach(x, step.Block, pass);
        using var scope = NewDisposeScope();
        var result = Add(step, x, Output(step, Channels(step, x, pass, keep), pass), pass);
        return ReferenceEquals(result, x) ? x : result.MoveToOuterDisposeScope();
    }

    /// <summary>What the output layer of a step reads, <c>[B, N or keep, channels]</c>; x is not overwritten.</summary>
    public Tensor Channels(ModelStep step, Tensor x, ForwardPass pass, int? keep = null) => _blocks[step.Block].Channels(step.Half!.Value, x, keep, pass);

    /// <summary>The output layer's result, <c>[B, N or keep, C]</c>.</summary>
    public Tensor Output(ModelStep step, Tensor channels, ForwardPass pass) => _blocks[step.Block].Output(step.Half!.Value, channels, pass);

    /// <summary>The stream after a step; x is overwritten where the pass allows it.</summary>
    public Tensor Add(ModelStep step, Tensor x, Tensor output, ForwardPass pass) => _blocks[step.Block].AddHalf(step.Half!.Value, x, output, pass);

    /// <summary>Logits <c>[B, numClasses]</c> of the stream after the last step.</summary>
    public Tensor Logits(Tensor x, ForwardPass pass) => _model.Finish(x, _blocks.Count, pass);

    /// <summary>Takes many steps, from the last attention on only with the tokens that are read.</summary>
    /// <param name="steps">The steps to take, in order.</param>
    /// <param name="x">The stream before the first; overwritten where the pass allows it.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Logits <c>[B, numClasses]</c>, owned by the caller.</returns>
    public Tensor Finish(IEnumerable<ModelStep> steps, Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var list = steps.ToList();
        int last = list.FindLastIndex(step => step.Half != BlockHalf.Mlp);    // beyond it no token sees another
        for (int i = 0; i < list.Count; i++) x = Take(list[i], x, pass, i >= last ? TokensRead : null);
        return Logits(x, pass).MoveToOuterDisposeScope();
    }
}
