using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.Depth;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>How far depth pruning goes, and what is trained in between.</summary>
internal sealed class DepthArguments
{
    private static readonly DepthFineTuneOptions Recipe = new();

    private readonly Option<int?> _remove = CommonOptions.Number("--remove-blocks", "With depth: so many blocks, or pairs of neighbouring halves, go.", least: 1);
    private readonly Option<double?> _macs = CommonOptions.OptionalReal("--macs-keep-ratio", "With depth: they go until the model has at most this share of its multiply-adds.", null, value => value is > 0 and < 1, "a number in (0, 1)");
    private readonly Option<int?> _epochs = CommonOptions.Number("--fine-tune-epochs", "With depth: so many epochs against the original model after every removal. Without it: none.", least: 1);
    private readonly Option<int?> _images = CommonOptions.Number("--fine-tune-images", "Images of those epochs.", Recipe.Images, least: 1);
    private readonly Option<double> _rate = CommonOptions.Real("--fine-tune-lr", "Highest learning rate of those epochs.", Recipe.LearningRate, value => value > 0, "a number above 0");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_remove, _macs, _epochs, _images, _rate];

    /// <summary>What is missing, or has no effect.</summary>
    public IEnumerable<string?> Faults(ParseResult parsed)
    {
        if (parsed.Has(_remove) == parsed.Has(_macs)) yield return "--method depth needs either --remove-blocks or --macs-keep-ratio: one of them says how far to go.";
        if (!parsed.Has(_epochs)) yield return parsed.WithoutEffect("without --fine-tune-epochs", _images, _rate);
    }

    /// <summary>The options.</summary>
    public DepthPruningOptions Read(ParseResult parsed) => new()
    {
        Removals = parsed.GetValue(_remove),
        MacsKeepRatio = parsed.GetValue(_macs),
        FineTune = parsed.GetValue(_epochs) is not { } epochs ? null : Recipe with { Epochs = epochs, Images = parsed.GetValue(_images)!.Value, LearningRate = parsed.GetValue(_rate) },
    };
}
