using System.CommandLine;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Measurement;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune convert IN OUT</c>: the same model in another kind of file.</summary>
internal static class ConvertCommand
{
    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["fp32"] = ScalarType.Float32,
        ["fp16"] = ScalarType.Float16,
        ["bf16"] = ScalarType.BFloat16,
    };

    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "The model: .safetensors, .pth or .zip." };
        var output = new Argument<string>("OUT") { Description = "The file to write; its extension, .safetensors, .pth or .zip (ML.NET), decides on the format." };
        var dtype = CommonOptions.Only(new Option<string>("--dtype")
        {
            Description = $"Number format of the weights in a .safetensors or .pth file: {string.Join(" or ", Types.Keys)}. Without it: fp32, and fp16 or bf16 where that loses nothing.",
        }, Types.Keys);
        var (preset, json) = (CommonOptions.Preset(), CommonOptions.Json());
        var command = new Command("convert", "Writes a model as .safetensors, .pth or ML.NET .zip.") { input, output, dtype, preset, json };
        command.SetAction(parsed =>
        {
            var (from, to) = (parsed.GetRequiredValue(input), parsed.GetRequiredValue(output));
            string? type = parsed.GetValue(dtype);
            ModelSource.CheckTarget(to);
            if (type is not null && ModelSource.IsZip(to)) throw new ArgumentException($"--dtype is '{type}' and the output '{to}' an ML.NET model, which it has no effect on; leave it out.");
            using var model = ModelSource.Load(from, parsed.GetValue(preset), out var plan);
            ModelSource.Save(model, to, plan, type is null ? null : Types[type]);
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
