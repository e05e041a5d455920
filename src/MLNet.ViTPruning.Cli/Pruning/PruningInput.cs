using System.CommandLine;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>The model and the images that <c>score</c> and <c>prune</c> work on, and where they compute, spelt alike.</summary>
/// <param name="needsData">Whether there must be images.</param>
internal sealed class PruningInput(bool needsData)
{
    private readonly Argument<string> _model = CommonOptions.Model();
    private readonly Option<string> _split = CommonOptions.Split("fit, train"), _preset = CommonOptions.Preset(), _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = CommonOptions.Json();

    /// <summary>The data set.</summary>
    public Option<string> Data { get; } = CommonOptions.Data(needsData);

    public void AddTo(Command command)
    {
        command.Arguments.Add(_model);
        foreach (var option in (Option[])[Data, _split, _preset, _device, _threads, _json]) command.Options.Add(option);
    }

    /// <summary>The model's file.</summary>
    public string Path(ParseResult parsed) => parsed.GetRequiredValue(_model);

    /// <summary>Loads the model, which is the caller's.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="plan">How the model was pruned before, or null.</param>
    public VisionModel Load(ParseResult parsed, out string? plan) => ModelSource.Load(Path(parsed), parsed.GetValue(_preset), out plan);

    /// <summary>The images; null where none were named.</summary>
    /// <exception cref="ArgumentException">There are no such images.</exception>
    public DataSource? Source(ParseResult parsed)
    {
        if (parsed.GetValue(Data) is { } text) return DataSource.Parse(text, parsed.GetValue(_split), forFitting: true);
        GivenOptions.Tell([parsed.WithoutEffect("without --data", _split)]);
        return null;
    }

    /// <summary>Sets the threads, and makes the stage that scores with the model where the command line says.</summary>
    public ViTScoringEstimator Scorer(ParseResult parsed, MLContext ml, VisionModel model, string? plan)
    {
        if (parsed.GetValue(_threads) is int count) set_num_threads(count);
        return ml.Transforms.ScoreViT(new ScoreViTOptions { Model = model, Plan = plan, GpuDeviceId = parsed.GetValue(_device) == "cuda" ? 0 : null, FallbackToCpu = false });
    }

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);
}
