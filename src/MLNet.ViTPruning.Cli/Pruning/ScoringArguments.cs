using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>How channels are scored, as <c>score</c> and <c>prune</c> spell it.</summary>
internal sealed class ScoringArguments
{
    private static readonly UnifiedPruningOptions Defaults = new();

    private readonly Option<string> _importance = CommonOptions.OneOf("--importance", "How channels are scored.", "auto", "fisher", "exact", "magnitude", "taylor", "random");
    private readonly Option<int?> _passes = CommonOptions.Number("--exact-image-passes", "With auto: exact scores, channels times images, to spend around the cuts.", Defaults.ExactImagePasses, least: 0);
    private readonly Option<int?> _exactImages = CommonOptions.Number("--exact-images", "With auto: images of the exact scores.", Defaults.ExactImages, least: 1);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_importance, _exactImages, _passes];

    public ImportanceKind Kind(ParseResult parsed) => Enum.TryParse<ImportanceKind>(parsed.GetValue(_importance), ignoreCase: true, out var kind) ? kind : Defaults.Importance;

    /// <summary>What has no effect with the chosen importance.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="proxyImages">The option of how many images score the channels.</param>
    public IEnumerable<string?> Faults(ParseResult parsed, Option proxyImages)
    {
        var kind = Kind(parsed);
        var idle = new List<Option>();
        if (kind != ImportanceKind.Auto) idle.AddRange([_exactImages, _passes]);
        if (!kind.LooksAtImages()) idle.Add(proxyImages);
        yield return parsed.WithoutEffect($"with --importance {parsed.GetValue(_importance)}", idle);
        yield return parsed.Has(_exactImages) && parsed.GetValue(_passes) == 0 ? parsed.WithoutEffect("with --exact-image-passes 0", _exactImages) : null;
    }

    /// <summary>Puts the settings into options.</summary>
    public UnifiedPruningOptions Apply(ParseResult parsed, UnifiedPruningOptions options) => options with
    {
        Importance = Kind(parsed),
        ExactImages = parsed.GetValue(_exactImages)!.Value,
        ExactImagePasses = parsed.GetValue(_passes)!.Value,
    };
}
