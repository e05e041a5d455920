using System.Diagnostics;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>One training: its epochs, validations and checkpoints.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly VisionModel _model;
    private readonly nn.Module _learner;
    private readonly ModelSettings _settings;
    private readonly TrainingJob _job;
    private readonly TrainingOptions _options;
    private readonly TrainingPlan _plan;
    private readonly LearningRateSchedule _schedule;
    private readonly TrainingClock _clock = new();
    private readonly BestWeights _best = new();
    private readonly Stack<IDisposable> _owned = new();
    private readonly BatchLoader _images;
    private readonly BatchLoader? _validation;
    private readonly ObjectiveRun _objective;
    private readonly WeightAverage? _average;
    private readonly TrainingState _state;
    private readonly StepRunner _steps;
    private readonly RunRecord? _record;

    /// <param name="model">The model.</param>
    /// <param name="job">The training, checked.</param>
    /// <param name="computedIn">Number format of matrix products, unless a checkpoint says otherwise.</param>
    public TrainingSession(VisionModel model, TrainingJob job, ComputePrecision computedIn)
    {
        (_model, _learner, _job, _options) = (model, job.Part?.Learner ?? model, job, job.Options);
        _plan = new TrainingPlan(job.Images.Count, _options);
        _schedule = new LearningRateSchedule(_options, _plan.StepsPerEpoch);
        ulong seed = (ulong)(_options.Seed ?? 0);
        bool augmented = _options.Augmentation.Changes;
        _owned.Push(_best);
        try
        {
            _record = job.RunFolder is null ? null : Own(new RunRecord(job.RunFolder, job.Resume, job.Plan, job.Part?.Save));
            computedIn = _record?.ComputedIn ?? computedIn;
            var device = model.parameters().First().device;
            _images = Own(new BatchLoader(job.Images, model.Configuration, _options, seed, device));
            _validation = job.Validation is null ? null : Own(new BatchLoader(job.Validation, model.Configuration, _options, seed, device));
            _objective = Own(job.Objective.Start(new ObjectiveContext(
                model, computedIn, job.Images.Count, _options.Epochs, augmented, first => _images.Epoch(0, first))
            {
                Clean = configuration => new BatchLoader(job.Images, configuration, _options, seed, device),
                ImagesKey = JobDescription.Images(job.Images),
                RunFolder = job.RunFolder,
                TeacherProgress = images => _options.Progress?.Report(new TrainingProgress(1, _options.Epochs, 0, _plan.Steps, 0, 0, 0, null, default) { TeacherImages = images }),
            }));
            var masks = Own(new ParameterMasks(model, job.MasksOf(model)));
            var dropPath = _options.DropPath > 0 ? new StochasticDepth(_options.DropPath, model.Configuration.Blocks.Count(), seed) : null;
            _settings = Own(new ModelSettings(model, computedIn, dropPath, _learner));
            masks.ApplyToWeights();
            var optimizer = Own(new ModelOptimizer(_learner, _options.WeightDecay));
            _average = _options.EmaDecay is { } decay ? Own(new WeightAverage(model, decay, computedIn)) : null;
            var position = new TrainingPosition { ComputedIn = computedIn };
            if (_record is not null) position = position with { Job = JobDescription.Of(model, job, _objective.Description) };
            _state = new TrainingState(model, _learner, optimizer, _average, _best, position);
            _record?.RestoreInto(_state);
            _steps = new StepRunner(model, _objective, optimizer, masks, dropPath, _options, augmented, job.Part);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private TrainingPosition Position => _state.Position;

    /// <summary>What is validated and kept: a moving average, or what learns.</summary>
    private nn.Module Measured => _average?.Model ?? _learner;

    private bool StopsEarly => _options.EarlyStopping is { } stopping && Position.EpochsWithoutImprovement >= stopping.Patience;

    private bool StartIsUnknown => _job.Part is { StartCounts: true } && _validation is not null && Position is { Start: null, Step: 0 };

    /// <summary>Trains to the end.</summary>
    /// <returns>The report; the model holds the weights it speaks of.</returns>
    public TrainingResult Run()
    {
        long resumedFrom = Position.Step;
        bool completed = !StartIsUnknown || MeasureStart();
        while (completed && Position.Epoch < _options.Epochs && !StopsEarly) completed = RunEpoch();
        if (!completed) _record?.Save(_state);
        int bestEpoch = TakeResult();
        var result = new TrainingResult
        {
            End = !completed ? TrainingEnd.Cancelled : Position.Epoch < _options.Epochs ? TrainingEnd.EarlyStopped : TrainingEnd.Completed,
            Epochs = Position.Epochs,
            BestEpoch = bestEpoch,
            StartAccuracy = Position.Start?.Accuracy,
            Steps = Position.Step,
            SkippedSteps = Position.Skipped,
            ComputedIn = Position.ComputedIn,
            Elapsed = _clock.Elapsed,
            CpuTime = _clock.Cpu,
            PeakMemoryBytes = TrainingClock.PeakMemoryBytes,
            InputWaitShare = _clock.InputWaitShare,
            Images = _job.Images.Count,
            ValidationImages = _job.Validation?.Count ?? 0,
            ResumedFromStep = resumedFrom,
            Warnings = _record?.Warnings ?? [],
        };
        _record?.SaveResult(_model, _options, result);
        return result;
    }

    public void Dispose()
    {
        while (_owned.TryPop(out var owned)) owned.Dispose();
    }

    private T Own<T>(T part) where T : IDisposable
    {
        _owned.Push(part);
        return part;
    }

    /// <summary>Trains the rest of an epoch and validates.</summary>
    /// <returns>Whether it was done; false where it was cancelled.</returns>
    private bool RunEpoch()
    {
        long start = Stopwatch.GetTimestamp();
        double before = Position.EpochSeconds;
        bool done = RunSteps();
        var outcome = done && _validation is not null ? Validate() : null;
        Position.EpochSeconds = before + Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (!done || outcome is null && _validation is not null) return false;
        var metrics = EpochEnd.Record(Position, outcome, _schedule.At(Position.Step - 1), _options.EarlyStopping);
        bool isBest = Position.BestEpoch == metrics.Epoch;
        if (isBest) KeepBest();
        _record?.Save(_state);
        _record?.SaveEpoch(Position, isBest ? _average?.Model ?? _model : null);
        _options.MetricsCallback?.Invoke(metrics);
        return true;
    }

    /// <summary>Makes the weights that came in the best so far.</summary>
    /// <returns>Whether it was done; false where it was cancelled.</returns>
    private bool MeasureStart()
    {
        Position.Start = Validate();
        if (Position.Start is null) return false;
        KeepBest();
        _record?.SaveEpoch(Position, _model);
        return true;
    }

    private void KeepBest() => _best.Keep(Measured.named_parameters().Select(p => (p.Item1, (Tensor)p.Item2)));

    private bool RunSteps()
    {
        if (_options.CancellationToken.IsCancellationRequested) return false;
        if (Position.Batch == _plan.BatchesPerEpoch) return true; // a resumed training whose validation was cancelled
        _settings.Train();
        _objective.BeginEpoch(Position.Epoch, _options.CancellationToken);
        using var batches = _images.Epoch(Position.Epoch, Position.Batch).GetEnumerator();
        while (Position.Batch < _plan.BatchesPerEpoch)
        {
            if (_options.CancellationToken.IsCancellationRequested) return false;
            RunStep(batches);
            if (Position.Step % _options.CheckpointSteps == 0) _record?.Save(_state);
        }
        return true;
    }

    private void RunStep(IEnumerator<TrainingBatch> batches)
    {
        var (start, waited) = (Stopwatch.GetTimestamp(), _images.Waited);
        int count = _plan.BatchesOfStep(Position.Batch), images = _plan.ImagesOfStep(Position.Batch);
        double learningRate = _schedule.At(Position.Step);
        var outcome = _steps.Run(batches, count, images, Position.Step, learningRate);
        if (outcome.IsFinite)
        {
            Position.LastLoss = outcome.Loss;
            Position.LossSum += outcome.Loss * images;
            Position.LossImages += images;
            if (_options.EmaUpdate == EmaUpdate.Step) _average?.Update();
        }
        else
        {
            Position.Skipped++;
            if (Position.Skipped > _options.MaxNonFiniteSteps) throw Divergence.At(Position, outcome, learningRate, _options);
        }
        Position.Batch += count;
        Position.EpochImages += images;
        Position.Step++;
        if (Position.Batch == _plan.BatchesPerEpoch && _options.EmaUpdate == EmaUpdate.Epoch) _average?.Update();
        var (seconds, wait) = (Stopwatch.GetElapsedTime(start).TotalSeconds, (_images.Waited - waited).TotalSeconds);
        (Position.TrainSeconds, Position.WaitSeconds) = (Position.TrainSeconds + seconds, Position.WaitSeconds + wait);
        _clock.Add(images, seconds, wait);
        _options.Progress?.Report(new TrainingProgress(Position.Epoch + 1, _options.Epochs, Position.Step, _plan.Steps, outcome.Loss, learningRate,
            _clock.ImagesPerSecond, Position.Epochs.LastOrDefault()?.ValidationAccuracy, _clock.TimeOf(_plan.Steps - Position.Step)));
    }

    private ValidationOutcome? Validate()
    {
        _settings.Eval();
        Func<Tensor, Tensor> forward = _average is { } average ? average.Model.forward : _job.Part is { } part ? images => part.Forward(images, null) : _model.forward;
        return Validator.Measure(forward, _model.parameters().First().device, _validation!.InOrder(), _options.CancellationToken);
    }

    /// <summary>Gives the model the weights that the training is for.</summary>
    /// <returns>Their epoch, from 1, or 0 for the start.</returns>
    private int TakeResult()
    {
        if (Position.BestEpoch > 0 || Position.Start is not null)
        {
            _best.WriteTo(_learner);
            _model.WeightsChanged();
            return Position.BestEpoch;
        }
        _average?.WriteTo(_model);
        return Math.Min(Position.Batch > 0 ? Position.Epoch + 1 : Math.Max(Position.Epoch, 1), _options.Epochs);
    }
}
