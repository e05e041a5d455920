using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>What <c>prune</c> is told about method, sizes, scores and recovery, and which of it goes together.</summary>
internal sealed class PruneArguments
{
    private readonly Option<string> _method = CommonOptions.OneOf("--method", "What is removed: channels, or blocks and halves of neighbouring blocks.", UnifiedPlanner.Method, "depth");
    private readonly Option<string> _plan = new("--plan") { Description = "Applies a plan that was made before: a file of --save-plan, or a model that was pruned by it." };
    private readonly Option<int?> _remove = CommonOptions.Number("--remove-blocks", "With depth: so many blocks, or pairs of neighbouring halves, go.", least: 1);
    private readonly Option<double?> _macs = CommonOptions.OptionalReal("--macs-keep-ratio", "With depth: they go until the model has at most this share of its multiply-adds.", null, value => value is > 0 and < 1, "a number in (0, 1)");
    private readonly Option<int?> _proxies = CommonOptions.Number("--proxy-images", $"Images that score what may go. Default {new UnifiedPruningOptions().ProxyImages}; {new DepthPruningOptions().ProxyImages} with depth.", least: 1);
    private readonly Option<string> _scores = new("--scores") { Description = "A JSON file of scores, reused or continued where it fits, else made." };
    private readonly Option<int?> _seed = CommonOptions.Number("--seed", "Seed of all random choices.", usual: 0, least: 0);
    private readonly SizeArguments _sizes = new();
    private readonly ScoringArguments _scoring = new("auto", "fisher", "exact", "magnitude", "taylor", "random");
    private readonly RecoveryArguments _recovery = new();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_method, .. _sizes.All, .. _scoring.All, _proxies, _scores, .. _recovery.All, _remove, _macs, _plan, _seed]) command.Options.Add(option);
    }

    /// <summary>The method's options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The option of the data.</param>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    public PruningOptions Read(ParseResult parsed, Option data)
    {
        bool isDepth = parsed.GetValue(_method) == "depth", isPlan = parsed.Has(_plan);
        IEnumerable<string?> faults = isDepth ? DepthFaults(parsed) : [parsed.WithoutEffect("with --method unified", _remove, _macs), _recovery.Fault(parsed)];
        if (!isDepth) faults = faults.Concat(isPlan ? PlanFaults(parsed) : [.. _sizes.Faults(parsed), .. _scoring.Faults(parsed, _proxies, _scores)]);
        if (!parsed.Has(data) && (isDepth || !isPlan || _recovery.Recovers(parsed)))
            faults = faults.Append($"--data is missing; {(isPlan && !isDepth ? "recovery needs images, --recovery none does without" : "pruning needs images")}.");
        if (parsed.GetValue(_scores) is { } scores) faults = faults.Append(ModelSource.FolderFault(scores));
        PruningPlan? plan = null;
        Failure.TellAll(() => GivenOptions.Tell(faults), () => plan = isPlan && !isDepth ? ModelSource.LoadPlan(parsed.GetValue(_plan)!) : null);
        int? seed = parsed.GetValue(_seed);
        return plan is not null ? new ApplyPlanOptions { Plan = plan, Recovery = _recovery.Read(parsed), Seed = seed } : isDepth ? Depth(parsed) with { Seed = seed } : Unified(parsed) with { Seed = seed };
    }

    private DepthPruningOptions Depth(ParseResult parsed)
    {
        var options = new DepthPruningOptions { Removals = parsed.GetValue(_remove), MacsKeepRatio = parsed.GetValue(_macs) };
        return parsed.GetValue(_proxies) is { } images ? options with { ProxyImages = images } : options;
    }

    private UnifiedPruningOptions Unified(ParseResult parsed)
    {
        var options = new UnifiedPruningOptions { ScoresPath = parsed.GetValue(_scores), Recovery = _recovery.Read(parsed) };
        options = _scoring.Apply(parsed, _sizes.Apply(parsed, options));
        return parsed.GetValue(_proxies) is { } images ? options with { ProxyImages = images } : options;
    }

    private IEnumerable<string?> DepthFaults(ParseResult parsed)
    {
        yield return parsed.WithoutEffect("with --method depth", [_plan, .. _sizes.All, .. _scoring.All, _scores, .. _recovery.All]);
        if (parsed.Has(_remove) == parsed.Has(_macs)) yield return "--method depth needs either --remove-blocks or --macs-keep-ratio: one of them says how far to go.";
    }

    private IEnumerable<string?> PlanFaults(ParseResult parsed)
    {
        yield return parsed.WithoutEffect("with --plan, which says what stays", [.. _sizes.All, .. _scoring.All, _proxies, _scores]);
        if (!_recovery.Recovers(parsed)) yield return parsed.WithoutEffect("with --plan and --recovery none", _seed);
    }
}
