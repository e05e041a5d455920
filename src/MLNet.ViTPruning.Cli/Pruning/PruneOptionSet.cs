using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>All options of <c>prune</c> that say what goes; each method takes some of them.</summary>
internal sealed class PruneOptionSet
{
    public SizeArguments Sizes { get; } = new();

    public ScoringArguments Scoring { get; } = new("auto", "fisher", "exact", "magnitude", "taylor", "random");

    public RecoveryArguments Recovery { get; } = new();

    public Option<string> AttentionUnit { get; } = CommonOptions.OneOf("--attention-unit", "With dimap-structured: what goes from attention, channels of every head or whole heads.", "channels", "heads");

    public Option<int?> Proxies { get; } =
        CommonOptions.Number("--proxy-images", $"Images that score what may go. Default {new UnifiedPruningOptions().ProxyImages}; {new DepthPruningOptions().ProxyImages} with depth.", least: 1);

    public Option<string> Scores { get; } = new("--scores") { Description = "A JSON file of scores, reused or continued where it fits, else made." };

    public Option<int?> RemoveBlocks { get; } = CommonOptions.Number("--remove-blocks", "With depth: so many blocks, or pairs of neighbouring halves, go.", least: 1);

    public Option<double?> MacsKeepRatio { get; } =
        CommonOptions.OptionalReal("--macs-keep-ratio", "With depth: they go until the model has at most this share of its multiply-adds.", null, value => value is > 0 and < 1, "a number in (0, 1)");

    public Option<string> Plan { get; } = new("--plan") { Description = "Applies a plan that was made before: a file of --save-plan, or a model that was pruned by it." };

    public Option<int?> Seed { get; } = CommonOptions.Number("--seed", "Seed of all random choices.", usual: 0, least: 0);

    public WeightRatioArguments Weights { get; } = new();

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [.. Sizes.All, AttentionUnit, .. Weights.All, .. Scoring.All, Proxies, Scores, .. Recovery.All, RemoveBlocks, MacsKeepRatio, Plan, Seed];
}
