using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Pruning;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune score MODEL --data ... --out scores.json</c>: how much each channel matters, for <c>prune --scores</c>.</summary>
internal static class ScoreCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var (input, arguments) = (new PruningInput(needsData: true), new ChannelArguments());
        var output = new Option<string>("--out") { Required = true, Description = "The JSON file of scores; where it holds a part of them, scoring goes on." };
        var method = CommonOptions.OneOf("--method", "The pruning method that the scores are for; the others score weights or blocks in seconds.", UnifiedPlanner.Method);
        var command = new Command("score", "Scores channels and writes the file that prune --scores uses; give it the sizes, images and seed of that pruning.") { output, method };
        input.AddTo(command);
        foreach (var option in arguments.All) command.Options.Add(option);
        command.SetAction(parsed =>
        {
            string target = parsed.GetRequiredValue(output);
            VisionModel? dense = null;
            string? plan = null;
            DataSource source = null!;
            Failure.TellAll(
                () => dense = input.Load(parsed, out plan),
                () => source = input.Source(parsed)!,
                () => GivenOptions.Tell([ModelSource.FolderFault(target), .. arguments.Faults(parsed, cuts: false)]));
            using var loaded = dense!;
            var ml = new MLContext();
            var rows = source.Load(ml, loaded.Configuration, limit: null);
            using var scorer = input.Scorer(parsed, ml, loaded, plan).Fit(rows);
            var expectation = new Expectation();
            var options = arguments.Read(parsed) with { ScoresPath = target, Estimate = expectation, CancellationToken = cancellationToken };
            long start = Stopwatch.GetTimestamp();
            var scores = ProgressReport.Run("score", progress => ml.Transforms.PruneViT(options with { Progress = progress }).Score(scorer.Transform(rows)));
            Report.Write(new JsonObject
            {
                ["model"] = input.Path(parsed),
                ["out"] = target,
                ["importance"] = scores.Importance,
                ["proxyImages"] = PruningJson.ProxyImages(options, rows.GetRowCount()),
                ["channels"] = Enum.GetValues<PruningComponent>().Sum(component => scores.Of(component).Sum(group => group.Length)),
                ["exactChannels"] = scores.ExactChannels,
                ["seed"] = options.Seed,
                ["expectedSeconds"] = expectation.ToJson(),
                ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2),
                ["stability"] = PruningJson.Stability(scores),
            }, input.Json(parsed));
            return 0;
        });
        return command;
    }
}
