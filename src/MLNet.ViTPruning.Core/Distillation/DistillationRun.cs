using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Distillation;

/// <summary>A distillation during one training: sets the teacher up, and remembers what it said of images that stay the same.</summary>
/// <remarks>What is remembered of an image is what the teacher said of it in the first epoch's batches. A resumed training asks again in
/// those same batches, so that it goes on with the same numbers to the bit.</remarks>
internal sealed class DistillationRun : ObjectiveRun
{
    private readonly DistillationObjective _objective;
    private readonly ObjectiveContext _context;
    private readonly TeacherMemory? _memory;
    private readonly (ComputePrecision Precision, KernelSelection Kernels, bool Training) _before;
    private readonly Lazy<string> _description;
    private int _epoch;

    public DistillationRun(DistillationObjective objective, ObjectiveContext context) : base(objective)
    {
        (_objective, _context) = (objective, context);
        var teacher = objective.Teacher;
        _before = (teacher.Precision, teacher.Kernels, teacher.training);
        (teacher.Precision, teacher.Kernels) = (context.ComputedIn, KernelSelection.Standard);
        teacher.eval();
        var sizes = teacher.Configuration;
        int width = objective.Kind == DistillationKind.Feature ? sizes.NumFeatures : sizes.NumClasses;
        if (!context.Augmented && context.Epochs > 1 && TeacherMemory.Fits(context.Images, width)) _memory = new TeacherMemory(context.Images, width);
        _description = new Lazy<string>(() => $"{objective.Description}, teacher {WeightsHash.Of(teacher)[..16]}");
    }

    public override string Description => _description.Value;

    public override void BeginEpoch(int epoch, CancellationToken cancellation)
    {
        _epoch = epoch;
        if (epoch == 0 || _memory is null || _memory.IsComplete) return;
        foreach (var batch in _context.FirstEpoch(0))
        {
            using (batch)
            {
                if (cancellation.IsCancellationRequested) return;
                if (_memory.Knows(batch.Indices)) continue;
                using var output = _objective.TeacherOutput(batch.Images);
                _memory.Keep(batch.Indices, output);
            }
        }
    }

    public override Tensor Loss(TrainingStep step)
    {
        using var scope = NewDisposeScope();
        return DistillationLoss.Of(step, TeacherOutput(step), _objective).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        _memory?.Dispose();
        var teacher = _objective.Teacher;
        (teacher.Precision, teacher.Kernels) = (_before.Precision, _before.Kernels);
        teacher.train(_before.Training);
    }

    private Tensor TeacherOutput(TrainingStep step)
    {
        if (_memory is not null && _epoch > 0) return _memory.Recall(step.Indices, step.Images.device);
        var output = _objective.TeacherOutput(step.Images);
        _memory?.Keep(step.Indices, output);
        return output;
    }
}
