using System.CommandLine;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--plan</c>: what earlier runs decided.</summary>
internal sealed class PlanArguments(PruneOptionSet all) : IMethodArguments
{
    /// <summary>The model that is pruned: of several plans it may have some behind it. Null where it could not be loaded.</summary>
    public VisionModel? Model { get; set; }

    public string Choice => "with --plan, which says what stays";

    public IEnumerable<Option> Options => [all.Plan, .. all.Recovery.All, all.Seed];

    public IEnumerable<string?> Faults(ParseResult parsed) =>
        [all.Recovery.Fault(parsed), all.Recovery.Recovers(parsed) ? null : parsed.WithoutEffect("with --plan and --recovery none", all.Seed)];

    public string? NeedOfImages(ParseResult parsed) => all.Recovery.Recovers(parsed) ? "recovery needs images, --recovery none does without" : null;

    public IReadOnlyList<PruningOptions> Read(ParseResult parsed) =>
        [.. Plans(parsed).Select(plan => new ApplyPlanOptions { Plan = plan, Recovery = all.Recovery.Read(parsed), Seed = parsed.GetValue(all.Seed) })];

    private IReadOnlyList<IPruningPlan> Plans(ParseResult parsed)
    {
        var plans = ModelSource.LoadPlans(parsed.GetValue(all.Plan)!);
        return Model is null ? plans : plans.From(Model);
    }
}
