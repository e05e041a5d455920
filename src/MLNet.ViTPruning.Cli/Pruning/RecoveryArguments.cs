using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.Recovery;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>What is done about lost accuracy right after the cut.</summary>
internal sealed class RecoveryArguments
{
    private readonly Option<string> _method = CommonOptions.OneOf("--recovery", "How accuracy is won back without training: the layers behind removed channels are fitted anew, get another bias, or stay.", "least-squares", "mean-shift", "none");
    private readonly Option<int?> _images = CommonOptions.Number("--recovery-images", "Images that recovery looks at.", new RecoveryOptions().Images, least: 1);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_method, _images];

    /// <summary>Whether anything is done.</summary>
    public bool Recovers(ParseResult parsed) => parsed.GetValue(_method) != "none";

    public string? Fault(ParseResult parsed) => Recovers(parsed) ? null : parsed.WithoutEffect("with --recovery none", _images);

    public RecoveryOptions Read(ParseResult parsed) => new()
    {
        Method = Enum.Parse<RecoveryMethod>(parsed.GetValue(_method)!.Replace("-", ""), ignoreCase: true),
        Images = parsed.GetValue(_images)!.Value,
    };
}
