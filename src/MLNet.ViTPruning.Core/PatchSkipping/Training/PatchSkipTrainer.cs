using System.Text.Json;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.Training;
using TorchSharp;

namespace MLNet.ViTPruning.PatchSkipping.Training;

/// <summary>Trains a model that skips patches in place.</summary>
/// <remarks>Stage 1 trains the scorers: the backbone is frozen, and patches are skipped by the present scores. Stage 2 trains the backbone against the
/// dense model: what a layer skips is decided by the finished scorers. The published training (cross-entropy, unbalanced labels) gave 85.2 % at
/// 20 % fewer multiply-adds. What idle patches get, and what is worth computing, are fitted first. With a target the thresholds are fitted before stage 2, so that the backbone learns under the budget, and after it.
/// With validation images the backbone keeps its weights where no epoch of stage 2 is better.
/// Every stage is a training of <see cref="Trainer"/>, equally repeatable and resumable.</remarks>
public static class PatchSkipTrainer
{
    /// <summary>Folder of the first stage inside a run's folder.</summary>
    public const string ScorersFolder = "scorers";

    /// <summary>Folder of the second stage inside a run's folder.</summary>
    public const string BackboneFolder = "backbone";

    private const string TimeTargetFile = "time-target.json";

    /// <summary>Runs a training to its end.</summary>
    /// <param name="model">The model; weights and thresholds change. It is in evaluation mode afterwards.</param>
    /// <param name="job">Images, recipes and target.</param>
    /// <returns>The report. After a cancellation the model is what the interrupted stage had.</returns>
    /// <exception cref="ArgumentException">Options are out of their range, or the target cannot be met; all faults in one message.</exception>
    /// <exception cref="InvalidOperationException">The folder holds a run and resuming was not asked for, or one of another job.</exception>
    /// <exception cref="TrainingDivergedException">Too many losses were no finite number.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the last good one is intact.</exception>
    public static PatchSkipTrainingResult Run(PatchSkipModel model, PatchSkipTrainingJob job)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(job);
        job.Validate(model);
        bool trainsBackbone = job.Stages != PatchSkipStages.Scorers;
        using var own = trainsBackbone && job.Teacher is null ? model.Backbone.Copy(requiresGrad: false) : null;
        var result = new PatchSkipTrainingResult();
        if (job.TimeSaved is not null)
        {
            var target = TimeTargetOf(model, job);
            if (target is null) return result with { WasCancelledEarly = true };
            (job, result) = (job with { MacsSaved = target.MacsSaved, TimeSaved = null }, result with { TimeTarget = target });
        }
        if (model.Configuration.ShiftsIdle && !IdleShiftFit.Run(model, job.Calibration!, job.ScorerOptions)) return result with { WasCancelledEarly = true };
        if (job.FitsLabels && !LabelThresholds.Fit(model, job.MacsSaved, job.Calibration!, job.ScorerOptions)) return result with { WasCancelledEarly = true };
        if (model.Configuration.HasScorers) result = result with { Scorers = TrainScorers(model, job) };
        if (result.IsCancelled) return result;
        result = Calibrated(result, model, job);
        if (!trainsBackbone || (job.MacsSaved is not null && result.Calibration is null)) return result;
        result = result with { Backbone = TrainBackbone(model, job, job.Teacher ?? own!) };
        return result.IsCancelled ? result with { Calibration = null } : Calibrated(result, model, job);
    }

    /// <summary>What the time target comes to, or null where it was cancelled. A folder keeps it, for times vary and a run that goes on must not.</summary>
    private static SkipTimeTarget? TimeTargetOf(PatchSkipModel model, PatchSkipTrainingJob job)
    {
        string? file = FolderOf(job, TimeTargetFile);
        if (job.Resume && File.Exists(file))
        {
            var kept = Read(file);
            return kept.TimeSaved == job.TimeSaved && kept.BatchSize == job.TimedBatchSize ? kept : throw new InvalidOperationException(FormattableString.Invariant(
                $"'{file}' is of a run with TimeSaved {kept.TimeSaved} and TimedBatchSize {kept.BatchSize}, not {job.TimeSaved} and {job.TimedBatchSize}; go on with the same, or give another folder."));
        }
        SkipTimeTarget found;
        try
        {
            found = SkipTimeBudget.Find(model, job.TimeSaved!.Value, job.TimedBatchSize, job.ScorerOptions.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        if (file is null) return found;
        Directory.CreateDirectory(job.RunFolder!);
        AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, found, ModelConfiguration.JsonOptions));
        return found;
    }

    private static SkipTimeTarget Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<SkipTimeTarget>(File.ReadAllText(file), ModelConfiguration.JsonOptions) ?? throw new InvalidDataException($"'{file}' is empty; remove the run's folder and start again.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file}' is broken: {e.Message} Remove the run's folder and start again.", e);
        }
    }

    private static PatchSkipTrainingResult Calibrated(PatchSkipTrainingResult result, PatchSkipModel model, PatchSkipTrainingJob job) =>
        job.MacsSaved is not { } saved ? result
            : result with { Calibration = SkipCalibrator.Fit(model, saved, job.Calibration, job.ScorerOptions) };

    private static TrainingResult TrainScorers(PatchSkipModel model, PatchSkipTrainingJob job) => Trainer.Run(model.Backbone, new TrainingJob
    {
        Images = job.Images,
        Options = job.ScorerOptions,
        Objective = new ScorerObjective(model),
        Part = Part(model, model.ScorerModule, job),
        RunFolder = FolderOf(job, ScorersFolder),
        Resume = job.Resume,
    });

    private static TrainingResult TrainBackbone(PatchSkipModel model, PatchSkipTrainingJob job, VisionModel teacher)
    {
        var distillation = new DistillationObjective(teacher, DistillationKind.Soft, job.Alpha, job.Temperature) { LabelWeight = job.LabelWeight, HiddenWeight = job.HiddenWeight, ClassTokenShare = job.ClassTokenShare };
        bool joint = job.Stages == PatchSkipStages.Joint;
        return Trainer.Run(model.Backbone, new TrainingJob
        {
            Images = job.Images,
            Validation = job.Validation,
            Options = job.BackboneOptions!,
            Objective = joint ? new JointObjective(model, distillation, SkipBudget.KeptShare(model, job.MacsSaved!.Value), job.RatioWeight) : distillation,
            Part = Part(model, joint ? model : model.Backbone, job) with { StartCounts = !joint },
            RunFolder = FolderOf(job, BackboneFolder),
            Resume = job.Resume,
        });
    }

    private static TrainedPart Part(PatchSkipModel model, torch.nn.Module learner, PatchSkipTrainingJob job) => new(
        learner,
        model.Forward,
        path => PatchSkipFile.Save(model, path, extraMetadata: job.Plan is { } plan ? new Dictionary<string, string> { [ModelFile.PlanKey] = plan } : null),
        model.Configuration.ToJson());

    private static string? FolderOf(PatchSkipTrainingJob job, string name) => job.RunFolder is { } folder ? Path.Combine(folder, name) : null;
}
