using System.CommandLine;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--method dimap</c> and <c>--method magnitude</c>: single weights, which are masked. No images are looked at.</summary>
/// <param name="all">The options of the command.</param>
/// <param name="method">The method.</param>
/// <param name="scopes">Its scopes; the first is the default.</param>
internal sealed class WeightArguments(PruneOptionSet all, string method, params string[] scopes) : IMethodArguments
{
    public string Choice => $"with --method {method}";

    public IEnumerable<Option> Options => [.. method == "dimap" ? all.Weights.All : all.Weights.All.Except(all.Weights.OfModules), .. all.Sizes.Budgets];

    public IEnumerable<string?> Faults(ParseResult parsed)
    {
        if (parsed.GetValue(all.Weights.Scope) is { } scope && !scopes.Contains(scope)) yield return $"--scope is '{scope}'; {Choice} it is {string.Join(" or ", scopes)}.";
        yield return all.Sizes.Budgets.All(budget => parsed.Has(budget)) ? "--budget-macs and --budget-parameters are both given; expected one of them." : null;
        if (all.Sizes.Budget(parsed) is not null) yield return parsed.WithoutEffect("with a budget for the whole model", [all.Weights.Ratio, .. all.Weights.OfModules]);
        else if (all.Weights.OfModules.All(parsed.Has)) yield return parsed.WithoutEffect("where every module has its own", all.Weights.Ratio);
        if (parsed.GetValue(all.Weights.Scope) == "model") yield return parsed.WithoutEffect("with --scope model", all.Weights.OfModules);
    }

    public string? NeedOfImages(ParseResult parsed) => null;

    public IReadOnlyList<PruningOptions> Read(ParseResult parsed) => [Of(parsed)];

    private WeightPruningOptions Of(ParseResult parsed)
    {
        var budget = all.Sizes.Budget(parsed);
        string scope = parsed.GetValue(all.Weights.Scope) is { } given && scopes.Contains(given) ? given : scopes[0];    // another one is told as a fault
        var options = WeightMethods.All[method == "dimap" && scope == "module" ? method : $"{method}-{scope}"];
        if (budget is not null) return options with { Budget = budget };
        options = options with { Ratio = parsed.GetValue(all.Weights.Ratio) };
        return options is DimapOptions dimap
            ? dimap with { QkvRatio = parsed.GetValue(all.Weights.Qkv), ProjectionRatio = parsed.GetValue(all.Weights.Projection), MlpRatio = parsed.GetValue(all.Weights.Mlp) }
            : options;
    }
}

/// <summary>The ways of choosing single weights, by the names that <c>compare</c> takes.</summary>
internal static class WeightMethods
{
    public static IReadOnlyDictionary<string, WeightPruningOptions> All { get; } = new Dictionary<string, WeightPruningOptions>
    {
        ["dimap"] = new DimapOptions(),
        ["dimap-model"] = new DimapOptions { Scope = DimapScope.Model },
        ["magnitude-uniform"] = new MagnitudeOptions(),
        ["magnitude-global"] = new MagnitudeOptions { Scope = MagnitudeScope.Global },
    };
}
