using System.CommandLine;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Measurement;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune convert IN OUT</c>: the same model in another kind of file.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "The model: .safetensors, .pth or .zip." };
        var output = new Argument<string>("OUT") { Description = "The file to write; its extension, .safetensors, .pth or .zip (ML.NET), decides on the format." };
        var (preset, json) = (CommonOptions.Preset(), CommonOptions.Json());
        var command = new Command("convert", "Writes a model as .safetensors, .pth or ML.NET .zip.") { input, output, preset, json };
        command.SetAction(parsed =>
        {
            var (from, to) = (parsed.GetRequiredValue(input), parsed.GetRequiredValue(output));
            ModelSource.CheckTarget(to);
            using var model = ModelSource.Load(from, parsed.GetValue(preset), out var plan);
            ModelSource.Save(model, to, plan);
            Report.Write(new JsonObject
            {
                ["model"] = from,
                ["out"] = to,
                ["architecture"] = model.Configuration.Architecture,
                ["parameters"] = ModelSize.Of(model.Configuration).Parameters,
                ["fileBytes"] = new FileInfo(to).Length,
            }, parsed.GetValue(json));
            return 0;
        });
        return command;
    }
}
