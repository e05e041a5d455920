using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Pruning;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune prune MODEL --data ... --out FILE</c>: a physically smaller model.</summary>
internal static class PruneCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var (input, arguments) = (new PruningInput(needsData: false), new PruneArguments());
        var output = new Option<string>("--out") { Required = true, Description = "The file to write: .safetensors, .pth or .zip (ML.NET)." };
        var savePlan = new Option<string>("--save-plan") { Description = "Writes what stays to a JSON file of its own, for --plan; what dimap, magnitude and dead-groups did is written for the record only." };
        var command = new Command("prune", "Removes the channels, heads, blocks or single weights that matter least and writes the model that is left.") { output, savePlan };
        input.AddTo(command);
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            var (path, target, plan) = (input.Path(parsed), parsed.GetRequiredValue(output), parsed.GetValue(savePlan));
            VisionModel? dense = null;
            string? earlier = null;
            DataSource? source = null;
            IReadOnlyList<PruningOptions> steps = [];
            Failure.TellAll(
                () => dense = input.Load(parsed, out earlier),
                () => source = input.Source(parsed),
                () => ModelSource.CheckTarget(target),
                () => GivenOptions.Tell([plan is null ? null : ModelSource.FolderFault(plan)]),
                () => steps = arguments.Read(parsed, input.Data, dense));
            using var loaded = dense!;
            var ml = new MLContext();
            var rows = source?.Load(ml, loaded.Configuration, limit: null) ?? ml.Data.LoadFromEnumerable(Array.Empty<ImageRow>());
            var score = input.Scorer(parsed, ml, loaded, earlier);
            var expectation = new Expectation();
            long start = Stopwatch.GetTimestamp();
            using var chain = ProgressReport.Run("prune", progress =>
            {
                // Of several plans each takes seconds; only one pruning tells how far it is.
                ViTPruneEstimator Prune(PruningOptions step) => ml.Transforms.PruneViT(Told(step, steps.Count == 1 ? progress : null, expectation, cancellationToken));
                return steps.Skip(1).Aggregate(score.Append(Prune(steps[0])), (pipeline, step) => pipeline.Append(Prune(step))).Fit(rows);
            });
            var options = steps[^1];
            var seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2);
            var pruned = chain.LastTransformer;
            if (ModelSource.IsZip(target)) ModelSource.SaveZip(ml, chain.CompactViT(), rows.Schema, target);
            else ModelSource.Save(pruned.Model, target, pruned.Plan);
            if (plan is not null) ModelSource.SavePlan(pruned.Plan!, plan);

            var result = new JsonObject { ["model"] = path, ["out"] = target };
            Describe(result, options, pruned, expectation, rows.GetRowCount());
            if (steps.Count > 1) result["plans"] = new JsonArray([.. steps.Cast<ApplyPlanOptions>().Select(step => (JsonNode)step.Plan.Method)]);
            result["seed"] = options.Seed;
            result["seconds"] = seconds;
            result["before"] = Size(loaded, path);
            result["after"] = Size(pruned.Model, target);
            var depth = pruned.Pruning!.Depth;
            if (depth is not null) result["removals"] = PruningJson.Removals(depth);
            if (pruned.Pruning.Weights is { } weights)
            {
                result["after"]!["nominalMacs"] = weights.NominalMacs(loaded.Configuration);
                result["modules"] = PruningJson.Modules(weights);
                result["tensors"] = PruningJson.Tensors(weights);
            }
            else result["blocks"] = depth is null ? PruningJson.Blocks(pruned.Pruning) : PruningJson.Origins(depth, pruned.Model.Configuration);
            Report.Write(result, input.Json(parsed));
            return 0;
        });
        return command;
    }

    private static PruningOptions Told(PruningOptions options, IProgress<double>? progress, IProgress<ScoringEstimate> estimate, CancellationToken cancellationToken)
    {
        options = options with { Progress = progress, CancellationToken = cancellationToken };
        return options is UnifiedPruningOptions unified ? unified with { Estimate = estimate } : options;
    }

    private static void Describe(JsonObject result, PruningOptions options, ViTScoringTransformer pruned, Expectation expectation, long? rows)
    {
        var report = pruned.Pruning!;
        switch (options)
        {
            case UnifiedPruningOptions unified:
                result["method"] = UnifiedPlanner.Method;
                result["importance"] = report.Scores!.Importance;
                // Only what had an effect.
                result["attentionKeepRatio"] = unified.Budget is null && unified.Target is null ? unified.AttentionKeepRatio : null;
                result["mlpKeepRatio"] = unified.Budget is null && unified.Target is null ? unified.MlpKeepRatio : null;
                result["embedKeepRatio"] = unified.Target is null ? unified.EmbedKeepRatio : null;
                result["widthMultiple"] = unified.WidthMultiple;
                result["target"] = unified.Target;
                result["budget"] = Budget(unified.Budget);
                result["heads"] = unified.Heads;
                result["proxyImages"] = PruningJson.ProxyImages(unified, rows);
                result["exactChannels"] = report.Scores.ExactChannels;
                result["stability"] = PruningJson.Stability(report.Scores);
                result["expectedSeconds"] = expectation.ToJson();
                result["recovery"] = PruningJson.Recovery(report, unified.Recovery);
                break;
            case StructuredDimapOptions structured:
                result["method"] = StructuredDimapPlanner.Method;
                result["importance"] = report.Scores!.Importance;
                result["attentionUnit"] = structured.AttentionUnit.ToString().ToLowerInvariant();
                result["attentionKeepRatio"] = structured.Budget is null ? structured.AttentionKeepRatio : null;
                result["mlpKeepRatio"] = structured.Budget is null ? structured.MlpKeepRatio : null;
                result["widthMultiple"] = structured.WidthMultiple;
                result["budget"] = Budget(structured.Budget);
                result["recovery"] = PruningJson.Recovery(report, structured.Recovery);
                break;
            case DeadGroupOptions:
                result["method"] = DeadGroupPlan.MethodName;
                result["dead"] = PruningJson.Dead(report);
                break;
            case WeightPruningOptions weights:
                result["method"] = report.Weights!.Method;
                result["scope"] = report.Weights.Scope;
                result["ratio"] = Math.Round((double)report.Weights.Removed / report.Weights.Weights, 6);
                result["budget"] = Budget(weights.Budget);
                result["removedOfAll"] = Math.Round((double)report.Weights.Removed / ModelSize.Of(report.Before).Parameters, 6);
                result["speed"] = Report.NoSpeedUp;
                break;
            case ApplyPlanOptions given:
                result["method"] = given.Plan.Method;
                result["importance"] = given.Plan.Importance;
                result["recovery"] = PruningJson.Recovery(report, given.Recovery);
                break;
            case DepthPruningOptions depth:
                result["method"] = report.Depth!.Method;
                result["importance"] = report.Depth.Importance;
                result["macsKeepRatio"] = depth.MacsKeepRatio;
                result["removedPairs"] = report.Depth.Removals.Count;
                result["proxyImages"] = report.Depth.Images;
                result["fineTune"] = PruningJson.FineTune(depth.FineTune);
                result["recovery"] = PruningJson.Recovery(report, depth.Recovery);
                break;
        }
    }

    private static JsonObject? Budget(PruningBudget? budget) => budget is null ? null : new() { [budget.Measure.ToString().ToLowerInvariant()] = budget.KeepRatio };

    private static JsonObject Size(VisionModel model, string path)
    {
        var size = ModelSize.Of(model.Configuration);
        return new()
        {
            ["parameters"] = size.Parameters,
            ["nonzeroParameters"] = ModelSize.NonzeroParameters(model),
            ["macs"] = size.Macs,
            ["nonzeroMacs"] = ModelSize.NonzeroMacs(model),
            ["fileBytes"] = new FileInfo(path).Length,
        };
    }
}
