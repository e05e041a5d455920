using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>Which channels matter and how many stay, as <c>score</c> and <c>prune</c> spell it.</summary>
internal sealed class ChannelArguments
{
    private readonly ScoringArguments _scoring = new();

    /// <summary>How many stay.</summary>
    public SizeArguments Sizes { get; } = new();

    /// <summary>Images that score what may go; depth pruning has them too.</summary>
    public Option<int?> ProxyImages { get; } = CommonOptions.Number("--proxy-images",
        $"Images that score what may go. Default {new UnifiedPruningOptions().ProxyImages}; {new DepthPruningOptions().ProxyImages} with depth.", least: 1);

    /// <summary>The seed; most methods have one.</summary>
    public Option<int?> Seed { get; } = CommonOptions.Number("--seed", "Seed of all random choices.", usual: 0, least: 0);

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [.. Sizes.All, .. _scoring.All, ProxyImages, Seed];

    /// <summary>What cannot be given together, or has no effect.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="cuts">Whether channels are cut. Where they are only scored <c>auto</c> alone looks at the cuts; the others score whatever may be cut.</param>
    public IEnumerable<string?> Faults(ParseResult parsed, bool cuts)
    {
        var kind = _scoring.Kind(parsed);
        IEnumerable<string?> faults = cuts || kind == ImportanceKind.Auto ? Sizes.Faults(parsed)
            : [parsed.WithoutEffect($"with --importance {kind.ToString().ToLowerInvariant()}, which does not look at the cuts", Sizes.Cuts)];
        return faults.Concat(_scoring.Faults(parsed, ProxyImages));
    }

    /// <summary>Whether images score the channels.</summary>
    public bool LooksAtImages(ParseResult parsed) => _scoring.Kind(parsed).LooksAtImages();

    /// <summary>The options.</summary>
    public UnifiedPruningOptions Read(ParseResult parsed)
    {
        var options = _scoring.Apply(parsed, Sizes.Apply(parsed, new UnifiedPruningOptions { Seed = parsed.GetValue(Seed) }));
        return parsed.GetValue(ProxyImages) is { } images ? options with { ProxyImages = images } : options;
    }
}
