using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>All options of <c>prune</c> that say what goes; each method takes some of them.</summary>
internal sealed class PruneOptionSet
{
    public ChannelArguments Channels { get; } = new();

    public SizeArguments Sizes => Channels.Sizes;

    public Option<int?> Proxies => Channels.ProxyImages;

    public Option<int?> Seed => Channels.Seed;

    public FineTuneArguments FineTune { get; } = new();

    public RecoveryArguments Recovery { get; } = new();

    public Option<string> AttentionUnit { get; } = CommonOptions.OneOf("--attention-unit", "With dimap-structured: what goes from attention, channels of every head or whole heads.", "channels", "heads");

    public Option<string> Scores { get; } = new("--scores") { Description = "A JSON file of scores, reused or continued where it fits, else made." };

    public Option<int?> RemoveBlocks { get; } = CommonOptions.Number("--remove-blocks", "With depth: so many blocks, or pairs of neighbouring halves, go.", least: 1);

    public Option<double?> MacsKeepRatio { get; } =
        CommonOptions.OptionalReal("--macs-keep-ratio", "With depth: they go until the model has at most this share of its multiply-adds.", null, value => value is > 0 and < 1, "a number in (0, 1)");

    public Option<string> Plan { get; } = new("--plan") { Description = "Prunes by the plans that were made before, of channels or depth: a file of --save-plan, or a model that was pruned by them." };

    public WeightRatioArguments Weights { get; } = new();

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [.. Channels.All, AttentionUnit, .. Weights.All, Scores, .. Recovery.All, RemoveBlocks, MacsKeepRatio, .. FineTune.All, Plan];
}
