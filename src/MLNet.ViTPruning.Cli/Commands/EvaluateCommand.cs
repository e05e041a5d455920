using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune evaluate MODEL --data ...</c>: accuracy, pace and size of a model on labelled images.</summary>
internal static class EvaluateCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var (model, preset, json) = (CommonOptions.Model(), CommonOptions.Preset(), CommonOptions.Json());
        var (data, split) = (CommonOptions.Data(), CommonOptions.Split("test, val"));
        var limit = CommonOptions.Number("--limit", "Take this many rows, spread evenly over the split. Without it: all.", least: 1);
        var (device, dtype, threads) = (CommonOptions.Device(), CommonOptions.DType(), CommonOptions.Threads());
        var batch = CommonOptions.Number("--batch", "Images per forward pass.", usual: 32, least: 1);
        var command = new Command("evaluate", "Measures a model on labelled images.") { model, data, split, limit, device, dtype, batch, threads, preset, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(model);
            var source = DataSource.Parse(parsed.GetRequiredValue(data), parsed.GetValue(split), forFitting: false);
            if (parsed.GetValue(threads) is int count) set_num_threads(count);
            var ml = new MLContext();
            using var loaded = ModelSource.Load(path, parsed.GetValue(preset), out _);
            var rows = source.Load(ml, loaded.Configuration, parsed.GetValue(limit));
            var options = new ScoreViTOptions
            {
                Model = loaded,
                BatchSize = parsed.GetValue(batch)!.Value,
                Precision = parsed.GetValue(dtype) == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
                GpuDeviceId = parsed.GetValue(device) == "cuda" ? 0 : null,
                FallbackToCpu = false,
            };
            using var transformer = ml.Transforms.ScoreViT(options).Fit(rows);
            Evaluation.WarmUp(transformer.Model, options.BatchSize, rows.GetRowCount());
            var result = ProgressReport.Run("evaluate", progress => Evaluation.Of(transformer.Transform(rows), progress, cancellationToken));
            var size = ModelSize.Of(loaded.Configuration);
            var report = new JsonObject
            {
                ["model"] = path,
                ["architecture"] = loaded.Configuration.Architecture,
                ["data"] = parsed.GetValue(data),
                ["split"] = source.Split,
                ["images"] = result.Images,
                ["top1"] = Math.Round(result.Top1, 4),
                ["top5"] = Math.Round(result.Top5, 4),
                ["imagesPerSecond"] = Math.Round(result.ImagesPerSecond, 2),
                ["parameters"] = size.Parameters,
                ["nonzeroParameters"] = ModelSize.NonzeroParameters(loaded),
                ["macs"] = size.Macs,
                ["nonzeroMacs"] = ModelSize.NonzeroMacs(loaded),
                ["fileBytes"] = new FileInfo(path).Length,
                ["dtype"] = parsed.GetValue(dtype),
                ["computedIn"] = transformer.Model.InferencePrecision == ComputePrecision.BFloat16 ? "bf16" : "fp32",
                ["device"] = parsed.GetValue(device),
                ["batch"] = options.BatchSize,
                ["threads"] = get_num_threads(),
            };
            if (loaded.WeightMasks.Count > 0) report["speed"] = Report.NoSpeedUp;
            Report.Write(report, parsed.GetValue(json));
            return 0;
        });
        return command;
    }
}
