using System.CommandLine;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--method dead-groups</c>: what masks left without effect. There is nothing to choose.</summary>
internal sealed class DeadGroupArguments : IMethodArguments
{
    public string Choice => "with --method dead-groups";

    public IEnumerable<Option> Options => [];

    public IEnumerable<string?> Faults(ParseResult parsed) => [];

    public string? NeedOfImages(ParseResult parsed) => null;

    public IReadOnlyList<PruningOptions> Read(ParseResult parsed) => [new DeadGroupOptions()];
}
