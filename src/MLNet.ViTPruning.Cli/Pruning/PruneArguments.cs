using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>What <c>prune</c> is told about method, sizes, scores and recovery, and which of it goes together.</summary>
internal sealed class PruneArguments
{
    private readonly Option<string> _method = CommonOptions.OneOf("--method", "What is removed: channels, or blocks and halves of neighbouring blocks.", UnifiedPlanner.Method, DepthPlan.MethodName);
    private readonly Option<string> _plan = new("--plan") { Description = "Prunes by the plans that were made before, of channels or depth: a file of --save-plan, or a model that was pruned by them." };
    private readonly Option<string> _scores = new("--scores") { Description = "A JSON file of scores, reused or continued where it fits, else made." };
    private readonly ChannelArguments _channels = new();
    private readonly DepthArguments _depth = new();
    private readonly RecoveryArguments _recovery = new();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_method, .. _channels.All, _scores, .. _recovery.All, .. _depth.All, _plan]) command.Options.Add(option);
    }

    /// <summary>The prunings to carry out, one after the other.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The option of the data.</param>
    /// <param name="model">The model, or null where it could not be loaded.</param>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    public IReadOnlyList<PruningOptions> Read(ParseResult parsed, Option data, VisionModel? model)
    {
        if (parsed.Has(_plan)) return ReadPlans(parsed, data, model);
        bool isDepth = parsed.GetValue(_method) == DepthPlan.MethodName;
        IEnumerable<string?> faults = isDepth
            ? [parsed.WithoutEffect("with --method depth", [.. _channels.OfChannels, _scores, .. _recovery.All]), .. _depth.Faults(parsed)]
            : [parsed.WithoutEffect("with --method unified", _depth.All), _recovery.Fault(parsed), .. _channels.Faults(parsed, cuts: true)];
        if (parsed.GetValue(_scores) is { } scores) faults = faults.Append(ModelSource.FolderFault(scores));
        GivenOptions.Tell(faults.Append(parsed.Has(data) ? null : "--data is missing; pruning needs images."));
        return [isDepth ? Depth(parsed) : _channels.Read(parsed) with { ScoresPath = parsed.GetValue(_scores), Recovery = _recovery.Read(parsed) }];
    }

    private DepthPruningOptions Depth(ParseResult parsed)
    {
        var options = _depth.Read(parsed) with { Seed = parsed.GetValue(_channels.Seed) };
        return parsed.GetValue(_channels.ProxyImages) is { } images ? options with { ProxyImages = images } : options;
    }

    private List<ApplyPlanOptions> ReadPlans(ParseResult parsed, Option data, VisionModel? model)
    {
        IReadOnlyList<IPruningPlan>? plans = null;
        Failure.TellAll(
            () => plans = ModelSource.LoadPlans(parsed.GetValue(_plan)!),
            () => plans = model is null ? plans : plans?.From(model),
            () => GivenOptions.Tell(PlanFaults(parsed, data, plans)));
        var usual = new ApplyPlanOptions { Plan = plans![0], Seed = parsed.GetValue(_channels.Seed) };
        return [.. plans.Select(plan => plan is DepthPlan ? usual with { Plan = plan } : usual with { Plan = plan, Recovery = _recovery.Read(parsed) })];
    }

    private IEnumerable<string?> PlanFaults(ParseResult parsed, Option data, IReadOnlyList<IPruningPlan>? plans)
    {
        bool cutsChannels = plans?.Any(plan => plan is PruningPlan) ?? true, recovers = cutsChannels && _recovery.Recovers(parsed);
        yield return parsed.WithoutEffect("with --plan, which says what stays", [_method, .. _channels.OfChannels, _channels.ProxyImages, _scores, .. _depth.All]);
        if (!cutsChannels) yield return parsed.WithoutEffect("with a plan of depth", [.. _recovery.All, _channels.Seed]);
        else if (!recovers) yield return parsed.WithoutEffect("with --plan and --recovery none", _channels.Seed);
        if (cutsChannels) yield return _recovery.Fault(parsed);
        if (recovers && !parsed.Has(data)) yield return "--data is missing; recovery needs images, --recovery none does without.";
    }
}
