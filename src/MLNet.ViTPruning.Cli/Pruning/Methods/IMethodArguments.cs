using System.CommandLine;
using MLNet.ViTPruning.Pruning;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary>What one way of pruning takes from the command line.</summary>
internal interface IMethodArguments
{
    /// <summary>How messages name the choice, as in <c>with --method depth</c>.</summary>
    string Choice { get; }

    /// <summary>The options that may be given with it.</summary>
    IEnumerable<Option> Options { get; }

    /// <summary>What is missing, or does not go together, among them.</summary>
    IEnumerable<string?> Faults(ParseResult parsed);

    /// <summary>What images are needed for, a clause; null where none are looked at.</summary>
    string? NeedOfImages(ParseResult parsed);

    /// <summary>The method's options: one pruning, or several that are carried out one after the other.</summary>
    IReadOnlyList<PruningOptions> Read(ParseResult parsed);
}
