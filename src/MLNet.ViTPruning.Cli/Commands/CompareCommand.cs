using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Pruning;
using MLNet.ViTPruning.Cli.Pruning.Methods;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Unified;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune compare MODEL --data ... --out FOLDER</c>: accuracy of a model right after pruning of single weights, by method and ratio.</summary>
internal static class CompareCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var (model, preset, json) = (CommonOptions.Model(), CommonOptions.Preset(), CommonOptions.Json());
        var (data, split) = (CommonOptions.Data(), CommonOptions.Split("test, val"));
        var methods = new Option<string>("--methods") { Description = $"What to compare, with commas between. Default all: {string.Join(",", WeightMethods.All.Keys)}." };
        var ratios = new Option<string>("--ratios") { Description = "Shares of all parameters that go, with commas between. Default 0.19,0.28,0.38,0.5." };
        var output = new Option<string>("--out") { Required = true, Description = "Folder for comparison.csv, comparison.svg and layers.csv; made where it is missing." };
        var limit = CommonOptions.Number("--limit", "Take this many rows, spread evenly over the split. Without it: all.", least: 1);
        var (device, dtype, threads) = (CommonOptions.Device(), CommonOptions.DType(), CommonOptions.Threads());
        var batch = CommonOptions.Number("--batch", "Images per forward pass.", usual: 32, least: 1);
        var command = new Command("compare", "Measures a model right after pruning of single weights, by method and ratio, without training.")
        {
            model, data, split, methods, ratios, output, limit, device, dtype, batch, threads, preset, json,
        };
        command.SetAction(parsed =>
        {
            var (path, folder) = (parsed.GetRequiredValue(model), parsed.GetRequiredValue(output));
            VisionModel? dense = null;
            DataSource source = null!;
            List<string> chosen = [];
            List<double> shares = [];
            Failure.TellAll(
                () => dense = ModelSource.Load(path, parsed.GetValue(preset), out _),
                () => source = DataSource.Parse(parsed.GetRequiredValue(data), parsed.GetValue(split), forFitting: false),
                () => chosen = Methods(parsed.GetValue(methods)),
                () => shares = Shares(parsed.GetValue(ratios) ?? "0.19,0.28,0.38,0.5"),
                () => GivenOptions.Tell([FolderFault(folder)]));
            using var loaded = dense!;
            CheckShares(loaded, shares);
            if (parsed.GetValue(threads) is int count) set_num_threads(count);
            var ml = new MLContext();
            var rows = source.Load(ml, loaded.Configuration, parsed.GetValue(limit));
            var scoring = new ScoreViTOptions
            {
                BatchSize = parsed.GetValue(batch)!.Value,
                Precision = parsed.GetValue(dtype) == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
                GpuDeviceId = parsed.GetValue(device) == "cuda" ? 0 : null,
                FallbackToCpu = false,
            };
            Evaluation Evaluate(VisionModel pruned, string title)
            {
                using var transformer = ml.Transforms.ScoreViT(scoring with { Model = pruned }).Fit(rows);
                return ProgressReport.Run(title, progress => Evaluation.Of(transformer.Transform(rows), progress, cancellationToken));
            }

            Directory.CreateDirectory(folder);
            var points = new List<ComparedPoint> { Point("dense", 0, loaded, null, Evaluate(loaded, "dense")) };
            foreach (string method in chosen)
            {
                foreach (double share in shares)
                {
                    var options = WeightMethods.All[method] with { Budget = new(BudgetMeasure.Parameters, 1 - share), CancellationToken = cancellationToken };
                    var (pruned, plan) = WeightPruner.Prune(loaded, options);
                    using (pruned) points.Add(Point(method, share, pruned, plan, Evaluate(pruned, string.Create(CultureInfo.InvariantCulture, $"{method} {share:0.##}"))));
                    Write(folder, points, path);    // what is measured stays, whatever comes
                }
            }
            Report.Write(new JsonObject
            {
                ["model"] = path,
                ["architecture"] = loaded.Configuration.Architecture,
                ["data"] = parsed.GetValue(data),
                ["split"] = source.Split,
                ["images"] = points[0].Result.Images,
                ["out"] = folder,
                ["parameters"] = ModelSize.Of(loaded.Configuration).Parameters,
                ["macs"] = ModelSize.Of(loaded.Configuration).Macs,
                ["speed"] = "no speed-up: weights are zero, tensors keep their sizes",
                ["points"] = new JsonArray([.. points.Select(point => (JsonNode)point.ToJson())]),
            }, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static ComparedPoint Point(string method, double share, VisionModel model, WeightPlan? plan, Evaluation result) =>
        new(method, share, ModelSize.NonzeroParameters(model), ModelSize.NonzeroMacs(model), plan, result);

    private static void Write(string folder, List<ComparedPoint> points, string path)
    {
        ModelSource.SaveText(Comparison.Csv(points), Path.Combine(folder, "comparison.csv"));
        ModelSource.SaveText(Comparison.Layers(points), Path.Combine(folder, "layers.csv"));
        ModelSource.SaveText(Comparison.Svg(points, $"{Path.GetFileNameWithoutExtension(path)}, pruned without training"), Path.Combine(folder, "comparison.svg"));
    }

    private static List<string> Methods(string? text)
    {
        if (text is null) return [.. WeightMethods.All.Keys];
        List<string> given = [.. text.Split(',').Distinct()];
        string[] unknown = [.. given.Where(method => !WeightMethods.All.ContainsKey(method))];
        return unknown.Length == 0 ? given : throw new ArgumentException($"--methods has '{string.Join("', '", unknown)}'; expected some of {string.Join(", ", WeightMethods.All.Keys)}.");
    }

    private static List<double> Shares(string text)
    {
        var shares = new List<double>();
        foreach (string part in text.Split(','))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) || share is not (> 0 and < 1))
                throw new ArgumentException($"--ratios has '{part}'; expected numbers in (0, 1) with commas between.");
            shares.Add(share);
        }
        return [.. shares.Distinct().Order()];
    }

    // Before the first evaluation, which may take long.
    private static void CheckShares(VisionModel model, List<double> shares)
    {
        double most = (double)WeightPruner.CountPrunable(model) / ModelSize.Of(model.Configuration).Parameters;
        if (shares[^1] >= most)
            throw new ArgumentException(FormattableString.Invariant($"--ratios has {shares[^1]}; the attention and MLP weights of this model are {most:0.###} of its parameters, and no more can go."));
    }

    private static string? FolderFault(string folder) => folder.Length == 0 ? "--out is empty; expected a folder." : File.Exists(folder) ? $"The output '{folder}' is a file; expected a folder." : null;
}
