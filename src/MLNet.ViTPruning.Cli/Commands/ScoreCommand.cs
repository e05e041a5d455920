using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Pruning;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune score MODEL --data ... --out scores.json</c>: how much each channel matters, for <c>prune --scores</c>.</summary>
internal static class ScoreCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var (model, preset, json) = (CommonOptions.Model(), CommonOptions.Preset(), CommonOptions.Json());
        var (data, split) = (CommonOptions.Data(), CommonOptions.Split("fit, train"));
        var output = new Option<string>("--out") { Required = true, Description = "The JSON file of scores; where it holds a part of them, scoring goes on." };
        var proxies = CommonOptions.Number("--proxy-images", "Images that score the channels.", new UnifiedPruningOptions().ProxyImages, least: 1);
        var seed = CommonOptions.Number("--seed", "Seed of all random choices.", usual: 0, least: 0);
        var (device, threads) = (CommonOptions.Device(), CommonOptions.Threads());
        var (sizes, scoring) = (new SizeArguments(), new ScoringArguments("auto", "fisher", "exact"));
        var command = new Command("score", "Scores channels and writes the file that prune --scores uses; give it the sizes, images and seed of that pruning.") { model, data, split, output };
        foreach (var option in (Option[])[.. scoring.All, proxies, .. sizes.All, seed, device, threads, preset, json]) command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var (path, target) = (parsed.GetRequiredValue(model), parsed.GetRequiredValue(output));
            VisionModel? dense = null;
            DataSource source = null!;
            Failure.TellAll(
                () => dense = ModelSource.Load(path, parsed.GetValue(preset), out _),
                () => source = DataSource.Parse(parsed.GetRequiredValue(data), parsed.GetValue(split), forFitting: true),
                () => GivenOptions.Tell([ModelSource.FolderFault(target), .. Faults(parsed, sizes, scoring, proxies)]));
            if (parsed.GetValue(threads) is int count) set_num_threads(count);
            using var loaded = dense!;
            var ml = new MLContext();
            var rows = source.Load(ml, loaded.Configuration, limit: null);
            using var scorer = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = loaded, GpuDeviceId = parsed.GetValue(device) == "cuda" ? 0 : null, FallbackToCpu = false }).Fit(rows);
            var expectation = new Expectation();
            var options = scoring.Apply(parsed, sizes.Apply(parsed, new UnifiedPruningOptions
            {
                ProxyImages = parsed.GetValue(proxies)!.Value,
                ScoresPath = target,
                Estimate = expectation,
                Seed = parsed.GetValue(seed),
                CancellationToken = cancellationToken,
            }));
            long start = Stopwatch.GetTimestamp();
            var scores = ProgressReport.Run("score", progress => ml.Transforms.PruneViT(options with { Progress = progress }).Score(scorer.Transform(rows)));
            Report.Write(new JsonObject
            {
                ["model"] = path,
                ["out"] = target,
                ["importance"] = scores.Importance,
                ["proxyImages"] = Math.Min(options.ProxyImages, rows.GetRowCount() ?? options.ProxyImages),
                ["channels"] = Enum.GetValues<PruningComponent>().Sum(component => scores.Of(component).Sum(group => group.Length)),
                ["exactChannels"] = scores.ExactChannels,
                ["seed"] = options.Seed,
                ["expectedSeconds"] = expectation.ToJson(),
                ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2),
                ["stability"] = PruningJson.Stability(scores),
            }, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    // Only auto looks at the cuts; the others score whatever may be cut.
    private static IEnumerable<string?> Faults(ParseResult parsed, SizeArguments sizes, ScoringArguments scoring, Option proxies)
    {
        var kind = scoring.Kind(parsed);
        IEnumerable<string?> faults = kind == ImportanceKind.Auto ? sizes.Faults(parsed) : [parsed.WithoutEffect($"with --importance {kind.ToString().ToLowerInvariant()}, which does not look at the cuts", sizes.Cuts)];
        return faults.Concat(scoring.Faults(parsed, proxies, scores: null));
    }
}
