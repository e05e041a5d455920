using System.CommandLine;
using MLNet.ViTPruning.Pruning;

namespace MLNet.ViTPruning.Cli.Pruning.Methods;

/// <summary><c>--plan</c>: what an earlier run decided.</summary>
internal sealed class PlanArguments(PruneOptionSet all) : IMethodArguments
{
    public string Choice => "with --plan, which says what stays";

    public IEnumerable<Option> Options => [all.Plan, .. all.Recovery.All, all.Seed];

    public IEnumerable<string?> Faults(ParseResult parsed) =>
        [all.Recovery.Fault(parsed), all.Recovery.Recovers(parsed) ? null : parsed.WithoutEffect("with --plan and --recovery none", all.Seed)];

    public string? NeedOfImages(ParseResult parsed) => all.Recovery.Recovers(parsed) ? "recovery needs images, --recovery none does without" : null;

    public PruningOptions Read(ParseResult parsed) =>
        new ApplyPlanOptions { Plan = ModelSource.LoadPlan(parsed.GetValue(all.Plan)!), Recovery = all.Recovery.Read(parsed), Seed = parsed.GetValue(all.Seed) };
}
