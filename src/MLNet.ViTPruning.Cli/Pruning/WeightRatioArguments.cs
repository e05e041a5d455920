using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.ModuleAware;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>How many single weights go, and which of them are ranked together.</summary>
internal sealed class WeightRatioArguments
{
    /// <summary>Share of the weights that go.</summary>
    public Option<double> Ratio { get; } = CommonOptions.Real("--ratio", "With dimap and magnitude: share of the attention and MLP weights that go.", new DimapOptions().Ratio, IsShare, "a number in [0, 1)");

    /// <summary>Which weights are ranked together.</summary>
    public Option<string> Scope { get; } = new("--scope") { Description = "Which weights are ranked together. dimap: module (default) or model; magnitude: uniform (default) or global." };

    /// <summary>DIMAP's share of the query, key and value weights.</summary>
    public Option<double?> Qkv { get; } = OfModule("--ratio-qkv", "query, key and value");

    /// <summary>DIMAP's share of the output projections' weights.</summary>
    public Option<double?> Projection { get; } = OfModule("--ratio-projection", "output projections");

    /// <summary>DIMAP's share of the MLPs' weights.</summary>
    public Option<double?> Mlp { get; } = OfModule("--ratio-mlp", "MLPs");

    /// <summary>Those of single modules.</summary>
    public IEnumerable<Option> OfModules => [Qkv, Projection, Mlp];

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [Ratio, .. OfModules, Scope];

    private static Option<double?> OfModule(string name, string what) =>
        CommonOptions.OptionalReal(name, $"With dimap: another share for the {what}.", null, IsShare, "a number in [0, 1)");

    private static bool IsShare(double value) => value is >= 0 and < 1;
}
