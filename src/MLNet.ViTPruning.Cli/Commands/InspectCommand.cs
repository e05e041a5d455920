using System.CommandLine;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune inspect MODEL</c>: what a file holds, block by block.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var (model, preset, json) = (CommonOptions.Model(), CommonOptions.Preset(), CommonOptions.Json());
        var command = new Command("inspect", "Shows a model's configuration, blocks, preprocessing and labels.") { model, preset, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(model);
            using var loaded = ModelSource.Load(path, parsed.GetValue(preset), out var plan);
            Report.Write(Describe(path, loaded, plan), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static JsonObject Describe(string path, VisionModel model, string? plan)
    {
        var configuration = model.Configuration;
        var size = ModelSize.Of(configuration);
        var structure = JsonNode.Parse(configuration.ToJson())!.AsObject();
        structure.Remove("stages");     // shown as blocks
        structure.Remove("labelNames"); // up to thousands
        var described = new JsonObject
        {
            ["model"] = path,
            ["fileBytes"] = new FileInfo(path).Length,
            ["parameters"] = size.Parameters,
            ["nonzeroParameters"] = ModelSize.NonzeroParameters(model),
            ["macs"] = size.Macs,
            ["nonzeroMacs"] = ModelSize.NonzeroMacs(model),
            ["shapeOf"] = ModelPresets.NameOf(configuration),
            ["labels"] = configuration.LabelNames?.Count,
            ["pruning"] = plan is null ? null : Summary(JsonNode.Parse(plan)),
            ["configuration"] = structure,
            ["blocks"] = new JsonArray([.. Blocks(configuration, size)]),
        };
        if (model.WeightMasks.Count > 0)
        {
            described["speed"] = Report.NoSpeedUp;
            described["masks"] = new JsonArray([.. Masks(model)]);
        }
        return described;
    }

    private static IEnumerable<JsonNode> Masks(VisionModel model)
    {
        foreach (var (name, mask) in model.WeightMasks)
        {
            using var kept = mask.count_nonzero();
            long weights = mask.numel(), removed = weights - kept.item<long>();
            yield return new JsonObject { ["tensor"] = name, ["weights"] = weights, ["masked"] = removed, ["share"] = Math.Round((double)removed / weights, 4) };
        }
    }

    // A plan of a kind that is not known here still tells its method.
    private static JsonObject? Summary(JsonNode? json)
    {
        if (json is not JsonObject plan) return null;
        string text = plan.ToJsonString();
        var summary = DepthPlan.Is(text) ? Summary(DepthPlan.FromJson(text))
            : WeightPlan.Is(text) ? Summary(WeightPlan.FromJson(text))
            : new JsonObject { ["method"] = plan["method"]?.DeepClone(), ["importance"] = plan["importance"]?.DeepClone() };
        if (Summary(plan["before"]) is { } before) summary["before"] = before;
        return summary;
    }

    private static JsonObject Summary(WeightPlan plan) => new()
    {
        ["method"] = plan.Method,
        ["scope"] = plan.Scope,
        ["weights"] = plan.Weights,
        ["removed"] = plan.Removed,
        ["ratio"] = Math.Round((double)plan.Removed / plan.Weights, 6),
    };

    private static JsonObject Summary(DepthPlan plan) => new()
    {
        ["method"] = plan.Method,
        ["importance"] = plan.Importance,
        ["removed"] = new JsonArray([.. plan.RemovedHalves.Select(half => (JsonNode)half.ToString())]),
        ["blockOrigins"] = new JsonArray([.. plan.Blocks.Select(block => (JsonNode)new JsonObject { ["attention"] = block.Attention, ["mlp"] = block.Mlp })]),
    };

    private static IEnumerable<JsonNode> Blocks(ModelConfiguration configuration, ModelSize size)
    {
        int index = 0;
        for (int s = 0; s < configuration.Stages.Count; s++)
        {
            foreach (var block in configuration.Stages[s].Blocks)
            {
                var parts = size.Components.Where(component => component.Block == index).ToList();
                yield return new JsonObject
                {
                    ["block"] = index++,
                    ["stage"] = s,
                    ["embedDim"] = configuration.Stages[s].EmbedDim,
                    ["heads"] = block.Heads,
                    ["headDim"] = block.HeadDim,
                    ["mlpHiddenDim"] = block.MlpHiddenDim,
                    ["parameters"] = parts.Sum(part => part.Parameters),
                    ["macs"] = parts.Sum(part => part.Macs),
                };
            }
        }
    }
}
