using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.Depth;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>What depth pruning trains between removals.</summary>
internal sealed class FineTuneArguments
{
    private static readonly DepthFineTuneOptions Recipe = new();

    private readonly Option<int?> _epochs = CommonOptions.Number("--fine-tune-epochs", "With depth: so many epochs against the original model after every removal. Without it: none.", least: 1);
    private readonly Option<int?> _images = CommonOptions.Number("--fine-tune-images", "Images of those epochs.", Recipe.Images, least: 1);
    private readonly Option<double> _rate = CommonOptions.Real("--fine-tune-lr", "Highest learning rate of those epochs.", Recipe.LearningRate, value => value > 0, "a number above 0");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_epochs, _images, _rate];

    public string? Fault(ParseResult parsed) => parsed.Has(_epochs) ? null : parsed.WithoutEffect("without --fine-tune-epochs", _images, _rate);

    /// <summary>The recipe; null where nothing is trained.</summary>
    public DepthFineTuneOptions? Read(ParseResult parsed) => parsed.GetValue(_epochs) is { } epochs
        ? Recipe with { Epochs = epochs, Images = parsed.GetValue(_images)!.Value, LearningRate = parsed.GetValue(_rate) }
        : null;
}
