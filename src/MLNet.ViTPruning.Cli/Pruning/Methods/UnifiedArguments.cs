using System.CommandLine;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--method unified</c>: channels, scored on images.</summary>
internal sealed class UnifiedArguments(PruneOptionSet all) : IMethodArguments
{
    public string Choice => "with --method unified";

    public IEnumerable<Option> Options => [.. all.Sizes.All, .. all.Scoring.All, all.Proxies, all.Scores, .. all.Recovery.All, all.Seed];

    public IEnumerable<string?> Faults(ParseResult parsed) =>
    [
        .. all.Sizes.Faults(parsed), .. all.Scoring.Faults(parsed, all.Proxies, all.Scores), all.Recovery.Fault(parsed),
        parsed.GetValue(all.Scores) is { } scores ? ModelSource.FolderFault(scores) : null,
    ];

    public string? NeedOfImages(ParseResult parsed) => "pruning needs images";

    public PruningOptions Read(ParseResult parsed)
    {
        var options = new UnifiedPruningOptions { ScoresPath = parsed.GetValue(all.Scores), Recovery = all.Recovery.Read(parsed), Seed = parsed.GetValue(all.Seed) };
        options = all.Scoring.Apply(parsed, all.Sizes.Apply(parsed, options));
        return parsed.GetValue(all.Proxies) is { } images ? options with { ProxyImages = images } : options;
    }
}
