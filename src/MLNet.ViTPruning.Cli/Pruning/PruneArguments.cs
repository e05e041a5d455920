using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Cli.Pruning.Methods;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>Which way of pruning <c>prune</c> is told to go, and which of the options go with it.</summary>
internal sealed class PruneArguments
{
    private readonly Option<string> _method;
    private readonly PruneOptionSet _all = new();
    private readonly Dictionary<string, IMethodArguments> _methods;
    private readonly PlanArguments _plan;

    public PruneArguments()
    {
        _methods = new()
        {
            [UnifiedPlanner.Method] = new UnifiedArguments(_all),
            [DepthPlan.MethodName] = new DepthArguments(_all),
            ["dimap"] = new WeightArguments(_all, "dimap", "module", "model"),
            ["magnitude"] = new WeightArguments(_all, "magnitude", "uniform", "global"),
            ["dimap-structured"] = new StructuredArguments(_all),
            ["dead-groups"] = new DeadGroupArguments(),
        };
        _plan = new PlanArguments(_all);
        _method = CommonOptions.OneOf("--method",
            "What is removed: channels scored on images; blocks and halves of neighbouring blocks; single weights, which become zero and are masked (dimap, magnitude: no speed-up); channels or heads scored by their weights alone; what masked weights left without effect.", [.. _methods.Keys]);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_method, .. _all.All]) command.Options.Add(option);
    }

    /// <summary>The prunings to carry out, one after the other.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The option of the data.</param>
    /// <param name="model">The model, or null where it could not be loaded.</param>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    public IReadOnlyList<PruningOptions> Read(ParseResult parsed, Option data, VisionModel? model)
    {
        bool isPlan = parsed.Has(_all.Plan) && parsed.GetValue(_method) == UnifiedPlanner.Method;
        IMethodArguments method = isPlan ? _plan : _methods[parsed.GetValue(_method)!];
        IReadOnlyList<PruningOptions> options = [];
        _plan.Model = model;
        Failure.TellAll(() => GivenOptions.Tell(Faults(parsed, data, method)), () => options = method.Read(parsed));
        return options;
    }

    private IEnumerable<string?> Faults(ParseResult parsed, Option data, IMethodArguments method)
    {
        yield return parsed.WithoutEffect(method.Choice, _all.All.Except(method.Options));
        foreach (string? fault in method.Faults(parsed)) yield return fault;
        string? need = method.NeedOfImages(parsed);
        if (need is null) yield return parsed.WithoutEffect($"{method.Choice}, where no images are looked at", data);
        else if (!parsed.Has(data)) yield return $"--data is missing; {need}.";
    }
}
