using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.PatchSkipping.Explain;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune explain MODEL IMAGE... --out FOLDER</c>: pictures of what a model skips.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model that skips patches: .safetensors, .pth or .zip." };
        var images = new Argument<string[]>("IMAGE") { Description = "Image files.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Required = true, Description = "The folder for the pictures; it is made where it is missing." };
        var columns = CommonOptions.Number("--columns", "Pictures in a row.", usual: 4, least: 1);
        var json = CommonOptions.Json();
        var command = new Command("explain", "Draws which patches each layer of a model skips, how alike patches are before and after each layer, and how deep each patch goes.") { model, images, output, columns, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(model), folder = parsed.GetRequiredValue(output);
            string[] files = parsed.GetRequiredValue(images);
            var names = files.Select(file => Path.GetFileNameWithoutExtension(file)).ToList();
            Failure.TellAll(
            [
                .. files.Select(file => (Action)(() => { if (!File.Exists(file)) throw new FileNotFoundException($"There is no file '{file}'."); })),
                () => { if (names.Distinct().Count() < names.Count) throw new ArgumentException("Two images have one name; their pictures would overwrite each other: rename one."); },
                () => { if (File.Exists(folder)) throw new ArgumentException($"The output '{folder}' is a file; expected a folder."); },
            ]);
            var loaded = ModelSource.LoadSkipping(path, out _) ?? throw new ArgumentException($"'{path}' skips no patches; train it with 'vitprune skip train'.");
            using var transformer = PatchSkipTransformer.Of(new MLContext(), loaded);
            Directory.CreateDirectory(folder);
            var rows = new JsonArray();
            var explanations = new List<SkipExplanation>();
            foreach (var (file, name) in files.Zip(names))
            {
                var explanation = Explain(transformer, file);
                explanations.Add(explanation);
                PngFile.Save(SkipPictures.AllLayers(explanation, parsed.GetValue(columns)!.Value), Path.Combine(folder, $"{name}.layers.png"));
                PngFile.Save(SkipPictures.Similarity(explanation, parsed.GetValue(columns)!.Value), Path.Combine(folder, $"{name}.similarity.png"));
                PngFile.Save(SkipPictures.Depth(explanation), Path.Combine(folder, $"{name}.depth.png"));
                ModelSource.SaveText(SkipCharts.AllLayers(explanation, parsed.GetValue(columns)!.Value), Path.Combine(folder, $"{name}.layers.svg"));
                ModelSource.SaveText(SkipCharts.Similarity(explanation, parsed.GetValue(columns)!.Value), Path.Combine(folder, $"{name}.similarity.svg"));
                ModelSource.SaveText(SkipCharts.Depth(explanation), Path.Combine(folder, $"{name}.depth.svg"));
                rows.Add(new JsonObject
                {
                    ["image"] = file,
                    ["skips"] = explanation.Skips.Skips,
                    ["reEntries"] = explanation.Skips.ReEntries,
                    ["executedMacs"] = explanation.Skips.ExecutedMacs,
                    ["meanScaledCosine"] = new JsonArray([.. explanation.MeanScaledCosine.Select(mean => (JsonNode)Math.Round(mean, 5))]),
                });
            }
            PngFile.Save(SkipCharts.MeanSimilarityPicture(explanations), Path.Combine(folder, "similarity.png"));
            ModelSource.SaveText(SkipCharts.MeanSimilarity(explanations), Path.Combine(folder, "similarity.svg"));
            Report.Write(new JsonObject { ["model"] = path, ["out"] = folder, ["denseExecutedMacs"] = loaded.Macs.DenseExecuted, ["images"] = rows }, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static SkipExplanation Explain(PatchSkipTransformer transformer, string file)
    {
        MLImage image;
        try
        {
            image = MLImage.CreateFromFile(file);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException($"The image '{file}' cannot be decoded: {e.Message}", e);
        }
        using (image) return transformer.Explain(image);
    }
}
