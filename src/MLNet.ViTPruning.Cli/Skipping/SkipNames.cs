using System.CommandLine;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Evaluation;

namespace MLNet.ViTPruning.Cli.Skipping;

/// <summary>What the commands about skipping spell alike.</summary>
internal static class SkipNames
{
    private static readonly Dictionary<string, PatchSkipMethod> Methods = new()
    {
        ["learned"] = PatchSkipMethod.Learned,
        ["learned-top-k"] = PatchSkipMethod.LearnedTopK,
        ["random"] = PatchSkipMethod.Random,
        ["class-attention"] = PatchSkipMethod.ClassAttention,
        ["merging"] = PatchSkipMethod.Merging,
    };

    public static Option<string> Method() => CommonOptions.OneOf("--method", "What decides which patches a layer computes.", [.. Methods.Keys]);

    public static PatchSkipMethod MethodOf(string name) => Methods[name];

    public static string NameOf(PatchSkipMethod method) => Methods.First(m => m.Value == method).Key;

    public static Option<double?> Target(double? usual) => CommonOptions.OptionalReal("--target-macs-saved",
        "Share of the dense model's executed multiply-adds to save.", usual, value => value is > 0 and < 1, "a number in (0, 1)");

    public static Option<int?> FirstLayer() => CommonOptions.Number("--first-layer", "The first layer that skips, from 0.", PatchSkipConfiguration.UsualFirstLayer, least: 0);

    /// <summary>A report on images as JSON.</summary>
    public static JsonObject Json(PatchSkipReport report) => new()
    {
        ["images"] = report.Images,
        ["scorerImages"] = report.ScorerImages,
        ["top1"] = Math.Round(report.Accuracy, 4),
        ["denseExecutedMacs"] = report.DenseExecutedMacs,
        ["executedMacs"] = Math.Round(report.ExecutedMacs, 1),
        ["macsSaved"] = Math.Round(report.MacsSaved, 6),
        ["reEntries"] = Rounded(report.ReEntries),
        ["layers"] = new JsonArray([.. report.Layers.Select(layer => (JsonNode)new JsonObject
        {
            ["layer"] = layer.Layer,
            ["keptShare"] = Rounded(layer.KeptShare),
            ["labelShare"] = Rounded(layer.LabelShare),
            ["scorerAccuracy"] = Rounded(layer.ScorerAccuracy),
            ["balancedAccuracy"] = Rounded(layer.BalancedAccuracy),
        })]),
    };

    private static JsonNode? Rounded(double? value) => value is { } number ? Math.Round(number, 6) : null;
}
