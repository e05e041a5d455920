using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Training;

/// <summary>One training that the command line asks for.</summary>
/// <param name="Data">The training images.</param>
/// <param name="DataText">The same as the command line spells it.</param>
/// <param name="Target">The file to write.</param>
/// <param name="Folder">The run's folder.</param>
internal sealed record TrainingRun(DataSource Data, string DataText, string Target, string Folder)
{
    public DataSource? Validation { get; init; }

    public double? ValidationShare { get; init; }

    public bool Resume { get; init; }

    public int? Limit { get; init; }

    public int? First { get; init; }

    public string Device { get; init; } = "cpu";

    /// <summary>The training images.</summary>
    public IDataView Load(MLContext ml)
    {
        var rows = Data.LoadToTrain(ml, Limit);
        return First is { } count ? ml.Data.TakeRows(rows, count) : rows;
    }

    /// <summary>Puts into an estimator's options what does not belong to the recipe.</summary>
    public T Apply<T>(MLContext ml, T options, CancellationToken cancellationToken) where T : ViTTrainingOptions
    {
        ViTTrainingOptions common = options;
        return (T)(common with
        {
            ValidationSet = Validation?.LoadToTrain(ml),
            ValidationSetFraction = ValidationShare,
            WorkspacePath = Folder,
            Resume = Resume,
            GpuDeviceId = Device == "cuda" ? 0 : null,
            FallbackToCpu = false,
            CancellationToken = cancellationToken,
        });
    }

    /// <summary>Saves the model and prints the report, or says how an interrupted training goes on.</summary>
    /// <param name="transformer">What the training gave.</param>
    /// <param name="options">Its options.</param>
    /// <param name="head">What the report begins with.</param>
    /// <param name="dtype">Number format that was asked for.</param>
    /// <param name="save">Saves an ML.NET model, where the target is one.</param>
    /// <param name="json">Whether the report is JSON.</param>
    /// <returns>The exit code.</returns>
    public int Finish(ViTScoringTransformer transformer, TrainingOptions options, JsonObject head, string dtype, Action save, bool json)
    {
        var result = transformer.Training!;
        foreach (string warning in result.Warnings) Failure.Say(warning);
        if (result.End == TrainingEnd.Cancelled) return Interrupted(result);
        if (ModelSource.IsZip(Target)) save();
        else ModelSource.Save(transformer.Model, Target, transformer.Plan);
        foreach (var (key, value) in Describe(transformer, result, options, dtype)) head[key] = value;
        Report.Write(head, json);
        return 0;
    }

    /// <summary>Says how an interrupted training goes on.</summary>
    /// <returns>The exit code.</returns>
    public int Interrupted(TrainingResult result)
    {
        string place = result.Steps == 0 ? "before the first step" : FormattableString.Invariant($"after {result.Steps} steps; '{Folder}' holds the checkpoint");
        string best = result.Epochs.FirstOrDefault(epoch => epoch.Epoch == result.BestEpoch)?.ValidationAccuracy is { } accuracy
            ? FormattableString.Invariant($" and the best weights so far (epoch {result.BestEpoch}, {accuracy:0.00} %)") : "";
        var arguments = Environment.GetCommandLineArgs().Skip(1).Select(Quoted);
        Failure.Say($"interrupted {place}{best}. Go on with: vitprune {string.Join(' ', arguments)}{(Resume ? "" : " --resume")}");
        return Failure.Interrupted;
    }

    private IEnumerable<KeyValuePair<string, JsonNode?>> Describe(ViTScoringTransformer transformer, TrainingResult result, TrainingOptions options, string dtype)
    {
        var configuration = transformer.Model.Configuration;
        var best = result.Epochs.FirstOrDefault(epoch => epoch.Epoch == result.BestEpoch);
        double seconds = result.Elapsed.TotalSeconds;
        return new JsonObject
        {
            ["architecture"] = configuration.Architecture,
            ["parameters"] = ModelSize.Of(configuration).Parameters,
            ["out"] = Target,
            ["run"] = Folder,
            ["data"] = DataText,
            ["split"] = Data.Split,
            ["images"] = result.Images,
            ["validationImages"] = result.ValidationImages,
            ["end"] = result.End == TrainingEnd.EarlyStopped ? "earlyStopped" : "completed",
            ["epochs"] = result.Epochs.Count,
            ["steps"] = result.Steps,
            ["bestEpoch"] = result.BestEpoch,
            ["validationAccuracy"] = Rounded(best?.ValidationAccuracy, 4),
            ["validationLoss"] = Rounded(best?.ValidationLoss, 6),
            ["trainLoss"] = Rounded(best?.TrainLoss, 6),
            ["imagesPerSecond"] = Rounded(result.Epochs.Count == 0 ? null : result.Epochs.Count / result.Epochs.Sum(epoch => 1 / epoch.ImagesPerSecond), 2),
            ["seconds"] = Rounded(seconds, 2),
            ["cpuSeconds"] = Rounded(result.CpuTime.TotalSeconds, 2),
            ["cpuUse"] = Rounded(seconds > 0 ? result.CpuTime.TotalSeconds / seconds : null, 2),
            ["peakMemoryBytes"] = result.PeakMemoryBytes,
            ["inputWaitShare"] = Rounded(result.InputWaitShare, 4),
            ["skippedSteps"] = result.SkippedSteps,
            ["resumedFromStep"] = result.ResumedFromStep,
            ["batch"] = options.BatchSize,
            ["dtype"] = dtype,
            ["computedIn"] = result.ComputedIn == ComputePrecision.BFloat16 ? "bf16" : "fp32",
            ["device"] = Device,
            ["threads"] = get_num_threads(),
            ["seed"] = options.Seed,
        }.ToList().Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone()));
    }

    private static JsonNode? Rounded(double? value, int digits) => value is { } number && double.IsFinite(number) ? Math.Round(number, digits) : null;

    private static string Quoted(string argument) => argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c)) && argument.Length > 0
        ? argument : $"'{argument.Replace("'", "'\\''")}'";
}
