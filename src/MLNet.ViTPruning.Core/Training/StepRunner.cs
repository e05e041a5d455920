using System.Diagnostics;
using MLNet.ViTPruning.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>What one step of the optimizer gave.</summary>
/// <param name="Loss">Mean loss over its images.</param>
/// <param name="GradientNorm">Norm of the gradient of all parameters together, before clipping.</param>
internal readonly record struct StepOutcome(double Loss, double GradientNorm)
{
    /// <summary>Whether the step was made; otherwise nothing was changed.</summary>
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(GradientNorm);
}

/// <summary>Makes one step of the optimizer: forward and backward passes of its batches, clipping, the change of the weights.</summary>
/// <param name="model">The model, in training mode.</param>
/// <param name="objective">What is minimised.</param>
/// <param name="optimizer">AdamW over the model.</param>
/// <param name="masks">Weights that stay zero.</param>
/// <param name="dropPath">The model's stochastic depth, or null.</param>
/// <param name="options">The recipe.</param>
/// <param name="augmented">Whether images differ from epoch to epoch.</param>
/// <param name="part">What learns, or null for the whole model.</param>
internal sealed class StepRunner(
    VisionModel model, ObjectiveRun objective, ModelOptimizer optimizer, ParameterMasks masks, StochasticDepth? dropPath, TrainingOptions options, bool augmented, TrainedPart? part = null)
{
    private const double ClipEpsilon = 1e-6; // torch's own, against a division by zero
    private readonly nn.Module _learner = part?.Learner ?? model;
    private readonly List<Parameter> _parameters = [.. (part?.Learner ?? model).parameters()];

    /// <summary>Makes the step.</summary>
    /// <param name="batches">Gives the batches.</param>
    /// <param name="count">Batches of the step.</param>
    /// <param name="images">Images of the step.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="learningRate">Its learning rate.</param>
    public StepOutcome Run(IEnumerator<TrainingBatch> batches, int count, int images, long step, double learningRate)
    {
        _learner.zero_grad();
        if (dropPath is not null) (dropPath.Step, dropPath.FirstImage) = (step, 0);
        var losses = new List<Tensor>(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                if (!batches.MoveNext()) throw new UnreachableException($"An epoch ended {count - i} batches early.");
                using var batch = batches.Current;
                losses.Add(Accumulate(batch, (double)batch.Indices.Length / images));
            }
            return Change(losses, learningRate);
        }
        finally
        {
            foreach (var loss in losses) loss.Dispose();
        }
    }

    /// <summary>Adds a batch's share of the step's gradient.</summary>
    private Tensor Accumulate(TrainingBatch batch, double share)
    {
        using var scope = NewDisposeScope();
        var targets = batch.Targets;
        if (options.LabelSmoothing > 0) targets = targets * (1 - options.LabelSmoothing) + options.LabelSmoothing / targets.shape[1]; // [B, K]
        var loss = objective.Loss(new TrainingStep(model, batch.Images, targets, batch.Indices, augmented) { Share = batch.Share, Forward = part?.Forward });
        if (share != 1) loss = loss * share;
        loss.backward();
        if (dropPath is not null) dropPath.FirstImage += batch.Indices.Length;
        return loss.detach().DetachFromDisposeScope();
    }

    private StepOutcome Change(List<Tensor> losses, double learningRate)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        masks.ApplyToGradients();
        var gradients = new List<Tensor>(_parameters.Count);
        foreach (var parameter in _parameters)
            if (parameter.grad is { } gradient) gradients.Add(gradient);
        var outcome = Read(losses, gradients);
        if (!outcome.IsFinite) return outcome;
        if (options.GradientClip / (outcome.GradientNorm + ClipEpsilon) is < 1 and var scale)
            foreach (var gradient in gradients) gradient.mul_(scale);
        optimizer.Step(learningRate);
        return outcome;
    }

    /// <summary>Loss and norm, read from the device together: the one time in a step that the host waits for it.</summary>
    private static StepOutcome Read(List<Tensor> losses, List<Tensor> gradients)
    {
        var norm = linalg.vector_norm(stack(gradients.Select(g => linalg.vector_norm(g))));
        using var values = stack([stack(losses).sum().to(ScalarType.Float64), norm.to(ScalarType.Float64)]).cpu().data<double>();
        double[] both = values.ToArray();
        return new StepOutcome(both[0], both[1]);
    }
}
