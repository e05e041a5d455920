using System.CommandLine;
using MLNet.ViTPruning.Pruning;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--method unified</c>: channels, scored on images.</summary>
internal sealed class UnifiedArguments(PruneOptionSet all) : IMethodArguments
{
    public string Choice => "with --method unified";

    public IEnumerable<Option> Options => [.. all.Channels.All, all.Scores, .. all.Recovery.All];

    public IEnumerable<string?> Faults(ParseResult parsed) =>
    [
        .. all.Channels.Faults(parsed, cuts: true), all.Recovery.Fault(parsed),
        parsed.GetValue(all.Scores) is { } scores ? ModelSource.FolderFault(scores) : null,
    ];

    public string? NeedOfImages(ParseResult parsed) =>
        all.Channels.LooksAtImages(parsed) ? "scoring channels needs images" : all.Recovery.Recovers(parsed) ? "recovery needs images (--recovery none leaves it out)" : null;

    public IReadOnlyList<PruningOptions> Read(ParseResult parsed) =>
        [all.Channels.Read(parsed) with { ScoresPath = parsed.GetValue(all.Scores), Recovery = all.Recovery.Read(parsed) }];
}
