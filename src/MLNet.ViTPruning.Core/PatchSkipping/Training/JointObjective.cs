using System.Globalization;
using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Training;

/// <summary>Distillation through straight-through decisions, plus the squared distance of the mean kept share from its target.</summary>
/// <remarks>Source of the ratio loss: Rao et al., "DynamicViT" (arXiv:2106.02034). Differs: one target for the mean over all layers and images, so that
/// layers and images share the budget as they need.</remarks>
/// <param name="model">The model; all of it learns.</param>
/// <param name="distillation">What is learnt from labels and teacher.</param>
/// <param name="keptShare">Share of the patches that skipping layers shall compute.</param>
/// <param name="weight">Weight of the ratio loss.</param>
internal sealed class JointObjective(PatchSkipModel model, DistillationObjective distillation, double keptShare, double weight) : TrainingObjective
{
    /// <inheritdoc/>
    public override string Description => Describe(distillation.Description);

    /// <inheritdoc/>
    public override Tensor Loss(TrainingStep step) => Loss(step, distillation.Loss);

    internal override ObjectiveRun Start(ObjectiveContext context) => new Run(this, distillation.Start(context));

    private string Describe(string inner) => string.Create(CultureInfo.InvariantCulture, $"joint, kept share {keptShare:R}, ratio weight {weight:R}, {inner}");

    private Tensor Loss(TrainingStep step, Func<TrainingStep, Tensor> learnt)
    {
        using var scope = NewDisposeScope();
        var result = model.ForwardStraightThrough(step.Images);
        var kept = stack(result.Decisions.Select(d => d.Mask.mean())).mean();
        return (learnt(step with { Forward = (_, _) => result.Logits }) + weight * (kept - keptShare).square()).MoveToOuterDisposeScope();
    }

    private sealed class Run : ObjectiveRun
    {
        private readonly JointObjective _joint;
        private readonly ObjectiveRun _distillation;

        public Run(JointObjective joint, ObjectiveRun distillation) : base(joint) => (_joint, _distillation) = (joint, distillation);

        public override string Description => _joint.Describe(_distillation.Description);

        public override void BeginEpoch(int epoch, CancellationToken cancellation) => _distillation.BeginEpoch(epoch, cancellation);

        public override Tensor Loss(TrainingStep step) => _joint.Loss(step, _distillation.Loss);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _distillation.Dispose();
        }
    }
}
