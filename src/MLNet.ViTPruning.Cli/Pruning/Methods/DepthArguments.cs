using System.CommandLine;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--method depth</c>: blocks and pairs of neighbouring halves, scored on images.</summary>
internal sealed class DepthArguments(PruneOptionSet all) : IMethodArguments
{
    public string Choice => "with --method depth";

    public IEnumerable<Option> Options => [all.RemoveBlocks, all.MacsKeepRatio, .. all.FineTune.All, .. all.Recovery.All, all.Proxies, all.Seed];

    public IEnumerable<string?> Faults(ParseResult parsed)
    {
        if (parsed.Has(all.RemoveBlocks) == parsed.Has(all.MacsKeepRatio)) yield return "--method depth needs either --remove-blocks or --macs-keep-ratio: one of them says how far to go.";
        yield return all.FineTune.Fault(parsed);
        yield return all.Recovery.Fault(parsed);
    }

    public string? NeedOfImages(ParseResult parsed) => "pruning needs images";

    public IReadOnlyList<PruningOptions> Read(ParseResult parsed)
    {
        var options = new DepthPruningOptions
        {
            Removals = parsed.GetValue(all.RemoveBlocks),
            MacsKeepRatio = parsed.GetValue(all.MacsKeepRatio),
            FineTune = all.FineTune.Read(parsed),
            Recovery = all.Recovery.Read(parsed),
            Seed = parsed.GetValue(all.Seed),
        };
        return [parsed.GetValue(all.Proxies) is { } images ? options with { ProxyImages = images } : options];
    }
}
