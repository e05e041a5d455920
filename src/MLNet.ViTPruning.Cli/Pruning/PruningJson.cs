using System.Text.Json.Nodes;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>What pruning found, as JSON.</summary>
internal static class PruningJson
{
    /// <summary>How many images scored the channels; null where none did.</summary>
    public static JsonNode? ProxyImages(UnifiedPruningOptions options, long? rows) =>
        options.Importance.LooksAtImages() ? Math.Min(options.ProxyImages, rows ?? options.ProxyImages) : null;

    /// <summary>How alike the halves of the images rank the channels, per stage or block; null where no images were used.</summary>
    public static JsonObject? Stability(ChannelScores? scores)
    {
        if (scores is not { Stability.Count: > 0 }) return null;
        var json = new JsonObject();
        foreach (var group in scores.Stability.GroupBy(entry => entry.Component))
            json[group.Key.ToString().ToLowerInvariant()] = new JsonArray([.. group.OrderBy(entry => entry.Index).Select(entry => Rounded(entry.Spearman, 4))]);
        return json;
    }

    /// <summary>How well the halves of blocks give what they gave before, without and with recovery: means over all halves.</summary>
    public static JsonObject Recovery(PruningReport report, RecoveryOptions options) => new()
    {
        ["method"] = options.Method switch { RecoveryMethod.LeastSquares => "least-squares", RecoveryMethod.MeanShift => "mean-shift", _ => "none" },
        ["images"] = report.RecoveryImages,
        ["errorBefore"] = report.Recovery.Count == 0 ? null : Rounded(report.Recovery.Average(half => half.ErrorBefore), 5),
        ["errorAfter"] = report.Recovery.Count == 0 ? null : Rounded(report.Recovery.Average(half => half.ErrorAfter), 5),
    };

    /// <summary>Sizes before and after, block by block, and the errors of its halves where there was recovery.</summary>
    public static JsonArray Blocks(PruningReport report)
    {
        JsonNode? Error(int block, BlockHalf half, Func<HalfRecovery, double> which) =>
            report.Recovery.FirstOrDefault(entry => entry.Block == block && entry.Half == half) is { } found ? Rounded(which(found), 4) : null;
        int[] Widths(ModelConfiguration c) => [.. c.Stages.SelectMany(stage => stage.Blocks.Select(_ => stage.EmbedDim))];
        long[] Macs(ModelConfiguration c) => [.. ModelSize.Of(c).Components.Where(part => part.Block is not null).GroupBy(part => part.Block).OrderBy(block => block.Key).Select(block => block.Sum(part => part.Macs))];
        var (widthsBefore, widths, macsBefore, macs) = (Widths(report.Before), Widths(report.After), Macs(report.Before), Macs(report.After));
        return new JsonArray([.. report.Before.Blocks.Zip(report.After.Blocks).Select((pair, i) => (JsonNode)new JsonObject
        {
            ["block"] = i,
            ["embedDimBefore"] = widthsBefore[i],
            ["embedDim"] = widths[i],
            ["headsBefore"] = pair.First.Heads,
            ["heads"] = pair.Second.Heads,
            ["headDimBefore"] = pair.First.HeadDim,
            ["headDim"] = pair.Second.HeadDim,
            ["mlpHiddenDimBefore"] = pair.First.MlpHiddenDim,
            ["mlpHiddenDim"] = pair.Second.MlpHiddenDim,
            ["macsBefore"] = macsBefore[i],
            ["macs"] = macs[i],
            ["attentionErrorBefore"] = Error(i, BlockHalf.Attention, half => half.ErrorBefore),
            ["attentionError"] = Error(i, BlockHalf.Attention, half => half.ErrorAfter),
            ["mlpErrorBefore"] = Error(i, BlockHalf.Mlp, half => half.ErrorBefore),
            ["mlpError"] = Error(i, BlockHalf.Mlp, half => half.ErrorAfter),
        })]);
    }

    /// <summary>How many dead groups went, over all blocks.</summary>
    public static JsonObject Dead(PruningReport report) => new()
    {
        ["heads"] = report.DeadGroups.Sum(block => block.Heads),
        ["attentionChannels"] = report.DeadGroups.Sum(block => block.AttentionChannels),
        ["mlpChannels"] = report.DeadGroups.Sum(block => block.MlpChannels),
    };

    /// <summary>What was trained after each removal; null where nothing was.</summary>
    public static JsonObject? FineTune(DepthFineTuneOptions? recipe) =>
        recipe is null ? null : new() { ["epochs"] = recipe.Epochs, ["images"] = recipe.Images, ["learningRate"] = recipe.LearningRate };

    /// <summary>The removals in their order, with the divergence of an image in nats.</summary>
    public static JsonArray Removals(DepthPlan plan) => new([.. plan.Removals.Select(removal => (JsonNode)new JsonObject
    {
        ["removed"] = $"{removal.Removed.First}, {removal.Removed.Second}",
        ["divergence"] = Rounded(removal.Removed.Divergence / plan.Images, 6),
        ["candidates"] = removal.Candidates.Count,
    })]);

    /// <summary>What the remaining blocks are made of.</summary>
    public static JsonArray Origins(DepthPlan plan, ModelConfiguration after) => new([.. plan.Blocks.Zip(after.Blocks).Select((pair, i) => (JsonNode)new JsonObject
    {
        ["block"] = i,
        ["attentionOf"] = pair.First.Attention,
        ["mlpOf"] = pair.First.Mlp,
        ["heads"] = pair.Second.Heads,
        ["headDim"] = pair.Second.HeadDim,
        ["mlpHiddenDim"] = pair.Second.MlpHiddenDim,
    })]);

    /// <summary>What the modules lost to masks.</summary>
    public static JsonArray Modules(WeightPlan plan) => new([.. plan.Modules.Select(module => (JsonNode)new JsonObject
    {
        ["module"] = module.Module.ToString().ToLowerInvariant(),
        ["weights"] = module.Weights,
        ["removed"] = module.Removed,
        ["share"] = Rounded((double)module.Removed / module.Weights, 6),
        ["threshold"] = module.Threshold,
    })]);

    /// <summary>What every tensor lost to masks.</summary>
    public static JsonArray Tensors(WeightPlan plan) => new([.. plan.Tensors.Select(tensor => (JsonNode)new JsonObject
    {
        ["tensor"] = tensor.Name,
        ["weights"] = tensor.Weights,
        ["removed"] = tensor.Removed,
        ["share"] = Rounded((double)tensor.Removed / tensor.Weights, 4),
    })]);

    private static JsonNode? Rounded(double value, int digits) => double.IsFinite(value) ? Math.Round(value, digits) : null;
}
