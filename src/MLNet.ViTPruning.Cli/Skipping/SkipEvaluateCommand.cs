using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Skipping;

/// <summary><c>vitprune skip evaluate MODEL --data ... [--method NAME --target-macs-saved SHARE]</c>.</summary>
internal static class SkipEvaluateCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var (model, preset, json) = (CommonOptions.Model(), CommonOptions.Preset(), CommonOptions.Json());
        var (data, split) = (CommonOptions.Data(), CommonOptions.Split("test, val"));
        var limit = CommonOptions.Number("--limit", "Take this many rows, spread evenly over the split. Without it: all.", least: 1);
        var method = new Option<string?>("--method") { Description = "Skips by random, class-attention or merging instead, on the same weights. Without it: as the model was trained." };
        var (target, first) = (SkipNames.Target(null), SkipNames.FirstLayer());
        var scorerImages = CommonOptions.Number("--scorer-images", "Images, about, that scorers are judged on, spread over all; each costs as much as four others.", usual: 1000, least: 0);
        var (device, dtype, threads) = (CommonOptions.Device(), CommonOptions.DType(), CommonOptions.Threads());
        var batch = CommonOptions.Number("--batch", "Images per forward pass.", usual: 32, least: 1);
        var command = new Command("evaluate", "Measures accuracy, executed multiply-adds and scorers of a model that skips patches.")
        {
            model, data, split, limit, scorerImages, method, target, first, device, dtype, batch, threads, preset, json,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(model);
            var source = DataSource.Parse(parsed.GetRequiredValue(data), parsed.GetValue(split), forFitting: false);
            if (parsed.GetValue(threads) is int count) set_num_threads(count);
            bool hasFirst = parsed.GetResult(first) is { Implicit: false };
            var loaded = ModelOf(path, parsed.GetValue(preset), parsed.GetValue(method), parsed.GetValue(target), hasFirst ? parsed.GetValue(first) : null);
            loaded.to(parsed.GetValue(device) == "cuda" ? CUDA : CPU);
            var ml = new MLContext();
            using var transformer = PatchSkipTransformer.Of(ml, loaded, batchSize: parsed.GetValue(batch)!.Value,
                precision: parsed.GetValue(dtype) == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32);
            var report = transformer.Measure(source.Load(ml, loaded.Backbone.Configuration, parsed.GetValue(limit)), scorerImages: parsed.GetValue(scorerImages)!.Value, cancellationToken: cancellationToken);
            var result = new JsonObject
            {
                ["model"] = path,
                ["architecture"] = loaded.Backbone.Configuration.Architecture,
                ["method"] = SkipNames.NameOf(loaded.Configuration.Method),
                ["contextAttention"] = loaded.Configuration.ContextAttention,
                ["data"] = parsed.GetValue(data),
                ["split"] = source.Split,
                ["device"] = parsed.GetValue(device),
                ["computedIn"] = loaded.Backbone.InferencePrecision == ComputePrecision.BFloat16 ? "bf16" : "fp32",
                ["batch"] = parsed.GetValue(batch),
                ["threads"] = get_num_threads(),
            };
            foreach (var (key, value) in SkipNames.Json(report)) result[key] = value?.DeepClone();
            Report.Write(result, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    /// <summary>The model as it was trained, or its weights under another method.</summary>
    private static PatchSkipModel ModelOf(string path, string? preset, string? method, double? target, int? firstLayer)
    {
        var skipping = ModelSource.LoadSkipping(path, out _);
        if (method is null)
        {
            if (target is not null || firstLayer is not null) throw new ArgumentException("--target-macs-saved and --first-layer have no effect without --method.");
            return skipping ?? throw new ArgumentException($"'{path}' skips no patches; give --method random, class-attention or merging, or train it with 'vitprune skip train'.");
        }
        if (method is not ("random" or "class-attention" or "merging"))
            throw new ArgumentException($"--method is '{method}'; expected random, class-attention or merging. What a model has learned is measured without --method.");
        if (target is not { } saved) throw new ArgumentException($"--target-macs-saved is missing; --method {method} needs it.");
        using (skipping)
        {
            // The copy of weights that learned to skip, or a dense model's own.
            var backbone = skipping?.Backbone.Copy() ?? ModelSource.Load(path, preset, out _);
            var sizes = backbone.Configuration;
            var asked = SkipNames.MethodOf(method);
            var layers = firstLayer is null && skipping is not null
                ? [.. skipping.Configuration.Layers.Select(l => new PatchSkipLayer(l.Layer))]
                : PatchSkipConfiguration.UsualLayers(sizes, firstLayer ?? PatchSkipConfiguration.UsualFirstLayer);
            var configuration = new PatchSkipConfiguration
            {
                Method = asked,
                ContextAttention = asked == PatchSkipMethod.Merging || (skipping?.Configuration.ContextAttention ?? true),
                Layers = [.. layers.Where(l => asked != PatchSkipMethod.ClassAttention || sizes.Blocks.ElementAt(l.Layer).HasAttention)],
            };
            try
            {
                return PatchSkipModel.Create(backbone, SkipBudget.Fixed(sizes, configuration, saved));
            }
            catch
            {
                backbone.Dispose();
                throw;
            }
        }
    }
}
