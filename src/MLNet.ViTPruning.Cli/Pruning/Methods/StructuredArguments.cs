using System.CommandLine;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--method dimap-structured</c>: channels or heads, scored by their weights; images only where recovery is asked for.</summary>
internal sealed class StructuredArguments(PruneOptionSet all) : IMethodArguments
{
    public string Choice => "with --method dimap-structured";

    public IEnumerable<Option> Options => [.. all.Sizes.OfPools, all.AttentionUnit, .. all.Recovery.All, all.Seed];

    public IEnumerable<string?> Faults(ParseResult parsed) =>
    [
        .. all.Sizes.Faults(parsed), all.Recovery.Fault(parsed, RecoveryMethod.None),
        Recovers(parsed) ? null : parsed.WithoutEffect("with --method dimap-structured without --recovery", all.Seed),
    ];

    public string? NeedOfImages(ParseResult parsed) => Recovers(parsed) ? "recovery needs images, --recovery none does without" : null;

    public IReadOnlyList<PruningOptions> Read(ParseResult parsed) => [all.Sizes.Apply(parsed, new StructuredDimapOptions
    {
        AttentionUnit = Enum.Parse<AttentionUnit>(parsed.GetValue(all.AttentionUnit)!, ignoreCase: true),
        Recovery = all.Recovery.Read(parsed, RecoveryMethod.None),
        Seed = Recovers(parsed) ? parsed.GetValue(all.Seed) : null,
    })];

    private bool Recovers(ParseResult parsed) => all.Recovery.Recovers(parsed, RecoveryMethod.None);
}
