using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Cli.Pruning;
using MLNet.ViTPruning.Cli.Training;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Training;

namespace MLNet.ViTPruning.Cli.Skipping;

/// <summary><c>vitprune skip train MODEL --data ... --target-macs-saved SHARE --out FILE</c>.</summary>
internal static class SkipTrainCommand
{
    private static readonly Dictionary<string, PatchSkipStages> Stages = new()
    {
        ["scorers-then-backbone"] = PatchSkipStages.ScorersThenBackbone,
        ["scorers"] = PatchSkipStages.Scorers,
        ["joint"] = PatchSkipStages.Joint,
    };

    private static readonly Dictionary<string, SkipLabels> Labels = new()
    {
        ["importance"] = SkipLabels.Importance,
        ["scaled-cosine"] = SkipLabels.ScaledCosine,
    };

    private static readonly Dictionary<string, ScorerInput> Inputs = new()
    {
        ["token-and-class"] = ScorerInput.TokenAndClass,
        ["token"] = ScorerInput.Token,
        ["token-and-neighbours"] = ScorerInput.TokenAndNeighbours,
    };

    public static Command Create(CancellationToken cancellationToken)
    {
        var defaults = new PatchSkipOptions();
        var (model, preset, json) = (CommonOptions.Model(), CommonOptions.Preset(), CommonOptions.Json());
        var (method, target, first) = (SkipNames.Method(), SkipNames.Target(defaults.MacsSaved), SkipNames.FirstLayer());
        var time = CommonOptions.OptionalReal("--target-time-saved", "Share of the dense model's time to save, measured here, in place of --target-macs-saved.", null, value => value is > 0 and < 1, "a number in (0, 1)");
        var stages = CommonOptions.OneOf("--stages", "What is trained.", [.. Stages.Keys]);
        var input = CommonOptions.OneOf("--scorer-input", "What the scorers read.", [.. Inputs.Keys]);
        var context = CommonOptions.OneOf("--attention", "Whether computed tokens see all tokens, or only each other.", "context", "kept");
        var labels = CommonOptions.OneOf("--labels", "What scorers are taught: which patches matter for the answer, or which ones a layer changes (taught too where --scaled-cosine-threshold is given).", [.. Labels.Keys]);
        var idle = CommonOptions.OneOf("--idle", "Whether idle patches get what a layer adds to patches on the mean, or pass unchanged.", "shifted", "unchanged");
        var threshold = CommonOptions.OptionalReal("--scaled-cosine-threshold", "With --labels scaled-cosine: a patch is worth computing where (cos + 1) / 2 between what it becomes idle and computed is less. Without it: one for each layer, by the target.", null, value => value is > 0 and <= 1, "a number in (0, 1]");
        var epochs = CommonOptions.Number("--scorer-epochs", "Passes of the scorers' training.", defaults.ScorerEpochs, least: 1);
        var rate = CommonOptions.Real("--scorer-lr", "Highest learning rate of the scorers.", defaults.ScorerLearningRate, value => value is > 0 and <= 1000, "a number in (0, 1000]");
        var images = CommonOptions.Number("--calibration-images", "Images, at most, that thresholds are fitted on.", defaults.CalibrationImages, least: 1);
        var alpha = CommonOptions.OptionalReal("--alpha", "Weight of the teacher's part of the backbone's loss. Default: 0 where the residual stream is learnt, else 6.4.", null, value => value >= 0, "a number of at least 0");
        var labelWeight = CommonOptions.OptionalReal("--label-weight", "Weight of the labels' cross-entropy in the backbone's loss. Default: 0 where the residual stream is learnt, else 1.", null, value => value >= 0, "a number of at least 0");
        var hidden = CommonOptions.OptionalReal("--hidden-weight", "Weight of the error of the residual stream after each block in the backbone's loss. Default: 1; 0 with merging and --stages joint, which cannot learn it.", null, value => value >= 0, "a number of at least 0");
        var classToken = CommonOptions.OptionalReal("--class-token-share", "How much of the residual stream's error is that of the class token; the rest is that of all tokens alike. Default: 0.5, where there is one.", null, value => value is >= 0 and <= 1, "a number in [0, 1]");
        var scorerBatch = CommonOptions.Number("--scorer-batch", "Images of a step of the scorers.", defaults.ScorerBatchSize, least: 1);
        var run = new RunArguments();
        var recipe = new TrainingArguments(defaults);
        var command = new Command("train", "Teaches a model to skip patches; a run that was interrupted goes on with --resume.")
        {
            model, method, target, time, stages, input, context, first, labels, idle, threshold, epochs, scorerBatch, rate, images, alpha, labelWeight, hidden, classToken, preset, json,
        };
        run.AddTo(command);
        recipe.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(model);
            VisionModel? dense = null;
            string? plan = null;
            var work = run.Read(parsed, recipe, () => dense = ModelSource.Load(path, parsed.GetValue(preset), out plan));
            using (dense)
            {
                var ml = new MLContext();
                var rows = work.Load(ml);
                var score = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = dense, Plan = plan, GpuDeviceId = work.Device == "cuda" ? 0 : null, FallbackToCpu = false });
                var options = recipe.Apply(parsed, work.Apply(ml, new PatchSkipOptions
                {
                    Method = SkipNames.MethodOf(parsed.GetValue(method)!),
                    MacsSaved = parsed.GetValue(time) is not null && parsed.GetResult(target) is not { Implicit: false } ? null : parsed.GetValue(target),
                    TimeSaved = parsed.GetValue(time),
                    Stages = Stages[parsed.GetValue(stages)!],
                    ScorerInput = Inputs[parsed.GetValue(input)!],
                    ContextAttention = parsed.GetValue(context) == "context",
                    FirstLayer = parsed.GetValue(first)!.Value,
                    Labels = parsed.Has(labels) ? Labels[parsed.GetValue(labels)!] : null,
                    ShiftsIdle = parsed.GetValue(idle) == "shifted",
                    ScaledCosineThreshold = (float?)parsed.GetValue(threshold),
                    ScorerEpochs = parsed.GetValue(epochs)!.Value,
                    ScorerLearningRate = parsed.GetValue(rate),
                    CalibrationImages = parsed.GetValue(images)!.Value,
                    Alpha = parsed.GetValue(alpha),
                    LabelWeight = parsed.GetValue(labelWeight),
                    HiddenWeight = parsed.GetValue(hidden),
                    ClassTokenShare = parsed.GetValue(classToken),
                    ScorerBatchSize = parsed.GetValue(scorerBatch)!.Value,
                }, cancellationToken));
                options.Validate();
                using var chain = TrainingReport.Run(options, o => score.Append(ml.Transforms.SkipPatches(o)).Fit(rows));
                var trained = chain.LastTransformer;
                var report = trained.Training!;
                var last = report.Backbone ?? report.Scorers;
                if (last is not null && report.IsCancelled) return work.Interrupted(last);
                if (last is null || ((options.MacsSaved ?? options.TimeSaved) is not null && report.Calibration is null)) throw new OperationCanceledException(cancellationToken);
                if (ModelSource.IsZip(work.Target)) ModelSource.SaveZip(ml, chain.CompactViT(), rows.Schema, work.Target);
                else PatchSkipFile.Save(trained.Model, work.Target, extraMetadata: trained.Plan is { } text ? new Dictionary<string, string> { [ModelFile.PlanKey] = text } : null);
                Report.Write(new JsonObject
                {
                    ["model"] = path,
                    ["method"] = parsed.GetValue(method),
                    ["stages"] = parsed.GetValue(stages),
                    ["out"] = work.Target,
                    ["run"] = work.Folder,
                    ["data"] = work.DataText,
                    ["split"] = work.Data.Split,
                    ["images"] = last.Images,
                    ["validationImages"] = last.ValidationImages,
                    ["scorerEpochs"] = report.Scorers?.Epochs.Count ?? 0,
                    ["epochs"] = report.Backbone?.Epochs.Count ?? 0,
                    ["bestEpoch"] = report.Backbone?.BestEpoch,
                    ["startAccuracy"] = report.Backbone?.StartAccuracy is { } start ? Math.Round(start, 4) : null,
                    ["validationAccuracy"] = report.Backbone is { } backbone && backbone.Epochs.FirstOrDefault(epoch => epoch.Epoch == backbone.BestEpoch)?.ValidationAccuracy is { } accuracy ? Math.Round(accuracy, 4) : null,
                    ["steps"] = (report.Scorers?.Steps ?? 0) + (report.Backbone?.Steps ?? 0),
                    ["trainLoss"] = last.Epochs is [.., var end] ? Math.Round(end.TrainLoss, 6) : null,
                    ["targetTimeSaved"] = report.TimeTarget?.TimeSaved,
                    ["targetMacsSaved"] = report.Calibration?.Target,
                    ["macsSaved"] = report.Calibration is { } fitted ? Math.Round(fitted.MacsSaved, 6) : null,
                    ["calibrationImages"] = report.Calibration?.Images,
                    ["seconds"] = Math.Round((report.Scorers?.Elapsed.TotalSeconds ?? 0) + (report.Backbone?.Elapsed.TotalSeconds ?? 0), 2),
                    ["computedIn"] = last.ComputedIn == ComputePrecision.BFloat16 ? "bf16" : "fp32",
                    ["device"] = work.Device,
                    ["threads"] = TorchSharp.torch.get_num_threads(),
                    ["seed"] = options.Seed,
                    ["patchSkipping"] = JsonNode.Parse(trained.Model.Configuration.ToJson()),
                }, parsed.GetValue(json));
                return 0;
            }
        });
        return command;
    }
}
