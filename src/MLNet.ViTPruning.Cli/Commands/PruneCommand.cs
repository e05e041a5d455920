using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Unified;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune prune MODEL --data ... --out FILE</c>: a physically smaller model.</summary>
internal static class PruneCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var (model, preset, json) = (CommonOptions.Model(), CommonOptions.Preset(), CommonOptions.Json());
        var (data, split) = (CommonOptions.Data(), CommonOptions.Split("fit, train"));
        var output = new Option<string>("--out") { Required = true, Description = "The file to write: .safetensors, .pth or .zip (ML.NET)." };
        var method = CommonOptions.OneOf("--method", "How channels are chosen.", "unified");
        var attention = CommonOptions.Ratio("--attention-keep-ratio", "Share of attention channels kept in each block.", new UnifiedPruningOptions().AttentionKeepRatio);
        var mlp = CommonOptions.Ratio("--mlp-keep-ratio", "Share of MLP channels kept in each block.", new UnifiedPruningOptions().MlpKeepRatio);
        var heads = CommonOptions.Number("--heads", "Heads of each block after merging. Without it: as they are.", least: 1);
        var proxies = CommonOptions.Number("--proxy-images", "Images that score the channels.", new UnifiedPruningOptions().ProxyImages, least: 1);
        var embed = CommonOptions.Ratio("--embed-keep-ratio", "Share of residual channels kept in each stage.", new UnifiedPruningOptions().EmbedKeepRatio);
        var width = CommonOptions.Number("--width-multiple", "Widths are rounded to multiples of this.", new UnifiedPruningOptions().WidthMultiple, least: 1);
        var sizes = new Option<string>("--target") { Description = "A preset whose widths and heads the result shall have, in place of ratios." };
        var importance = CommonOptions.OneOf("--importance", "How channels are scored.", "fisher", "auto", "exact", "magnitude", "taylor", "random");
        var passes = CommonOptions.Number("--exact-image-passes", "With auto: exact scores, channels times images, to spend around the cuts.", new UnifiedPruningOptions().ExactImagePasses, least: 0);
        var exactImages = CommonOptions.Number("--exact-images", "With auto: images of the exact scores.", new UnifiedPruningOptions().ExactImages, least: 1);
        var scores = new Option<string>("--scores") { Description = "A JSON file of scores, reused or continued where it fits, else made." };
        var seed = CommonOptions.Number("--seed", "Seed of all random choices.", usual: 0, least: 0);
        var (device, threads) = (CommonOptions.Device(), CommonOptions.Threads());
        var command = new Command("prune", "Removes the channels that matter least and writes the smaller model.")
        {
            model, data, split, output, method, importance, attention, mlp, embed, heads, width, sizes, proxies, exactImages, passes, scores, seed, device, threads, preset, json,
        };
        command.SetAction(parsed =>
        {
            var (path, target) = (parsed.GetRequiredValue(model), parsed.GetRequiredValue(output));
            ModelSource.CheckTarget(target);
            var source = DataSource.Parse(parsed.GetRequiredValue(data), parsed.GetValue(split), forFitting: true);
            if (parsed.GetValue(threads) is int count) set_num_threads(count);
            var ml = new MLContext();
            using var loaded = ModelSource.Load(path, parsed.GetValue(preset), out _);
            var rows = source.Load(ml, loaded.Configuration, limit: null);
            var score = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = loaded, GpuDeviceId = parsed.GetValue(device) == "cuda" ? 0 : null, FallbackToCpu = false });
            var options = new UnifiedPruningOptions
            {
                AttentionKeepRatio = parsed.GetValue(attention),
                MlpKeepRatio = parsed.GetValue(mlp),
                EmbedKeepRatio = parsed.GetValue(embed),
                WidthMultiple = parsed.GetValue(width)!.Value,
                Target = parsed.GetValue(sizes),
                Importance = Enum.Parse<ImportanceKind>(parsed.GetValue(importance)!, ignoreCase: true),
                ExactImages = parsed.GetValue(exactImages)!.Value,
                ExactImagePasses = parsed.GetValue(passes)!.Value,
                ScoresPath = parsed.GetValue(scores),
                Estimate = new EstimateLine(),
                Heads = parsed.GetValue(heads),
                ProxyImages = parsed.GetValue(proxies)!.Value,
                Seed = parsed.GetValue(seed),
                CancellationToken = cancellationToken,
            };
            long start = Stopwatch.GetTimestamp();
            using var chain = ProgressReport.Run("prune", progress => score.Append(ml.Transforms.PruneViT(options with { Progress = progress })).Fit(rows));
            var pruned = chain.LastTransformer.Model;
            if (ModelSource.IsZip(target)) ModelSource.SaveZip(ml, chain.CompactViT(), rows.Schema, target);
            else ModelSource.Save(pruned, target, chain.LastTransformer.Plan);
            Report.Write(new JsonObject
            {
                ["model"] = path,
                ["out"] = target,
                ["method"] = parsed.GetValue(method),
                ["importance"] = parsed.GetValue(importance),
                ["attentionKeepRatio"] = options.AttentionKeepRatio,
                ["mlpKeepRatio"] = options.MlpKeepRatio,
                ["embedKeepRatio"] = options.EmbedKeepRatio,
                ["widthMultiple"] = options.WidthMultiple,
                ["target"] = options.Target,
                ["heads"] = options.Heads,
                ["proxyImages"] = Math.Min(options.ProxyImages, rows.GetRowCount() ?? options.ProxyImages),
                ["seed"] = options.Seed,
                ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2),
                ["before"] = Size(loaded.Configuration, path),
                ["after"] = Size(pruned.Configuration, target),
            }, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private sealed class EstimateLine : IProgress<ScoringEstimate>
    {
        public void Report(ScoringEstimate value) => Console.Error.WriteLine(
            $"{value.Importance}: {value.Channels} channels on {value.Images} images, about {Math.Ceiling(value.Expected.TotalSeconds)} s");
    }

    private static JsonObject Size(ModelConfiguration configuration, string path)
    {
        var size = ModelSize.Of(configuration);
        return new() { ["parameters"] = size.Parameters, ["macs"] = size.Macs, ["fileBytes"] = new FileInfo(path).Length };
    }
}
