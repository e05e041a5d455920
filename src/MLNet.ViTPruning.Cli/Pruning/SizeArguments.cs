using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>How many channels stay, as <c>score</c> and <c>prune</c> spell it.</summary>
internal sealed class SizeArguments
{
    private static readonly UnifiedPruningOptions Defaults = new();

    private readonly Option<double> _attention = CommonOptions.Ratio("--attention-keep-ratio", "Share of attention channels kept in each block; dimap-structured: of the channels, or heads, of all blocks.", Defaults.AttentionKeepRatio);
    private readonly Option<double> _mlp = CommonOptions.Ratio("--mlp-keep-ratio", "Share of MLP channels kept in each block; dimap-structured: of those of all blocks.", Defaults.MlpKeepRatio);
    private readonly Option<double> _embed = CommonOptions.Ratio("--embed-keep-ratio", "Share of residual channels kept in each stage.", Defaults.EmbedKeepRatio);
    private readonly Option<int?> _heads = CommonOptions.Number("--heads", "Heads of each block after merging. Without it: as they are.", least: 1);
    private readonly Option<int?> _width = CommonOptions.Number("--width-multiple", "Widths are rounded to multiples of this.", Defaults.WidthMultiple, least: 1);
    private readonly Option<string> _target = new("--target") { Description = "A preset whose widths and heads the result shall have, in place of ratios." };
    private readonly Option<double?> _macs = Budget("--budget-macs", "multiply-adds"), _parameters = Budget("--budget-parameters", "parameters");

    private static Option<double?> Budget(string name, string what) => CommonOptions.OptionalReal(name,
        $"Share of the whole model's {what} to keep, in place of ratios: all blocks compete. dimap, magnitude: of those with weights that are not zero.", null, value => value is > 0 and <= 1, "a number in (0, 1]");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_attention, _mlp, _embed, _heads, _width, _target, _macs, _parameters];

    /// <summary>Those that do not tell whether residual channels are cut.</summary>
    public IEnumerable<Option> Cuts => All.Except([_embed, _target]);

    /// <summary>Those of structured DIMAP.</summary>
    public IEnumerable<Option> OfPools => [_attention, _mlp, _width, _macs, _parameters];

    /// <summary>Those that bound the whole model.</summary>
    public IEnumerable<Option> Budgets => [_macs, _parameters];

    /// <summary>What cannot be given together.</summary>
    public IEnumerable<string?> Faults(ParseResult parsed)
    {
        bool target = parsed.Has(_target), macs = parsed.Has(_macs), parameters = parsed.Has(_parameters);
        yield return target ? parsed.WithoutEffect("with --target, which sets all widths and heads", All.Except([_target])) : null;
        yield return macs && parameters && !target ? "--budget-macs and --budget-parameters are both given; expected one of them." : null;
        yield return (macs || parameters) && !target ? parsed.WithoutEffect("with a budget for the whole model", _attention, _mlp) : null;
    }

    /// <summary>Puts the sizes into options.</summary>
    public UnifiedPruningOptions Apply(ParseResult parsed, UnifiedPruningOptions options) => options with
    {
        AttentionKeepRatio = parsed.GetValue(_attention),
        MlpKeepRatio = parsed.GetValue(_mlp),
        EmbedKeepRatio = parsed.GetValue(_embed),
        Heads = parsed.GetValue(_heads),
        WidthMultiple = parsed.GetValue(_width)!.Value,
        Target = parsed.GetValue(_target),
        Budget = Budget(parsed),
    };

    /// <summary>Puts the sizes into options.</summary>
    public StructuredDimapOptions Apply(ParseResult parsed, StructuredDimapOptions options) => options with
    {
        AttentionKeepRatio = parsed.GetValue(_attention),
        MlpKeepRatio = parsed.GetValue(_mlp),
        WidthMultiple = parsed.GetValue(_width)!.Value,
        Budget = Budget(parsed),
    };

    /// <summary>The budget for the whole model, or null.</summary>
    public PruningBudget? Budget(ParseResult parsed) =>
        parsed.GetValue(_macs) is { } macs ? new PruningBudget(BudgetMeasure.Macs, macs)
        : parsed.GetValue(_parameters) is { } parameters ? new PruningBudget(BudgetMeasure.Parameters, parameters) : null;
}
