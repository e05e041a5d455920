using System.Diagnostics;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Distillation;

/// <summary>A distillation during one training: sets the teacher up, and remembers what it said of images that stay the same.</summary>
/// <remarks>What is remembered of an image is what the teacher said of it in the first epoch's batches, or of the clean image ahead of them.
/// A resumed training asks again in those same batches, or reads the file, so that it goes on with the same numbers to the bit.</remarks>
internal sealed class DistillationRun : ObjectiveRun
{
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMinutes(1);
    private readonly DistillationObjective _objective;
    private readonly ObjectiveContext _context;
    private readonly TeacherMemory? _memory;
    private readonly (ComputePrecision Precision, KernelSelection Kernels, bool Training) _before;
    private readonly Lazy<string> _hash;
    private int _epoch;

    public DistillationRun(DistillationObjective objective, ObjectiveContext context) : base(objective)
    {
        (_objective, _context) = (objective, context);
        var teacher = objective.Teacher;
        var sizes = teacher.Configuration;
        int width = objective.Kind == DistillationKind.Feature ? sizes.NumFeatures : sizes.NumClasses;
        bool fits = TeacherMemory.Fits(context.Images, width);
        if (IsClean && !fits) throw new ArgumentException($"What a teacher says of {context.Images} images does not fit in memory; use View = Augmented.");
        _before = (teacher.Precision, teacher.Kernels, teacher.training);
        (teacher.Precision, teacher.Kernels) = (context.ComputedIn, KernelSelection.Standard);
        teacher.eval();
        // Hidden states are too many to remember.
        if (objective.HiddenWeight == 0 && (IsClean || !context.Augmented && context.Epochs > 1 && fits)) _memory = new TeacherMemory(context.Images, width);
        _hash = new Lazy<string>(() => WeightsHash.Of(teacher));
    }

    public override string Description => $"{_objective.Description}, teacher {_hash.Value[..16]}";

    private bool IsClean => _objective.View == TeacherView.Clean;

    public override void BeginEpoch(int epoch, CancellationToken cancellation)
    {
        _epoch = epoch;
        if (_memory is null || _memory.IsComplete) return;
        if (IsClean) AskAhead(_memory, cancellation);
        else if (epoch > 0) AskAsInFirstEpoch(_memory, cancellation);
    }

    /// <summary>Asks for all images in stored order. What was said is on the disk now and then, so that an interrupted training asks for the
    /// rest only, in the same batches.</summary>
    private void AskAhead(TeacherMemory memory, CancellationToken cancellation)
    {
        string? path = _objective.OutputsPath ?? (_context.RunFolder is null ? null : Path.Combine(_context.RunFolder, TeacherOutputsFile.Name));
        var file = path is null ? null : new TeacherOutputsFile(path, $"{_objective.Kind} {_hash.Value} {_context.ComputedIn} images {_context.ImagesKey}");
        file?.ReadInto(memory, _context.Images);
        if (memory.IsComplete) return;
        using var loader = _context.Clean(_objective.Teacher.Configuration);
        long written = Stopwatch.GetTimestamp();
        foreach (var batch in loader.InOrder(memory.Count / loader.BatchSize))
        {
            using (batch)
            {
                if (cancellation.IsCancellationRequested) break;
                using var output = _objective.Ask(batch.Images).Output;
                memory.Keep(batch.Indices, output);
            }
            _context.TeacherProgress(memory.Count);
            if (Stopwatch.GetElapsedTime(written) < BetweenWrites) continue;
            file?.Write(memory);
            written = Stopwatch.GetTimestamp();
        }
        file?.Write(memory);
    }

    private void AskAsInFirstEpoch(TeacherMemory memory, CancellationToken cancellation)
    {
        foreach (var batch in _context.FirstEpoch(0))
        {
            using (batch)
            {
                if (cancellation.IsCancellationRequested) return;
                if (memory.Knows(batch.Indices)) continue;
                using var output = _objective.Ask(batch.Images).Output;
                memory.Keep(batch.Indices, output);
            }
        }
    }

    public override Tensor Loss(TrainingStep step)
    {
        using var scope = NewDisposeScope();
        return DistillationLoss.Of(step, Answer(step), _objective).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        _memory?.Dispose();
        var teacher = _objective.Teacher;
        (teacher.Precision, teacher.Kernels) = (_before.Precision, _before.Kernels);
        teacher.train(_before.Training);
    }

    private TeacherAnswer Answer(TrainingStep step)
    {
        if (_memory is not null && (IsClean || _epoch > 0)) return new(_memory.Recall(step.Indices, step.Images.device), null);
        var answer = _objective.Ask(step.Images);
        _memory?.Keep(step.Indices, answer.Output);
        return answer;
    }
}
