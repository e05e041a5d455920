using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Pruning.Recovery;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>What is done about lost accuracy right after the cut.</summary>
internal sealed class RecoveryArguments
{
    private readonly Option<string> _method = CommonOptions.OneOf("--recovery", "How accuracy is won back without training: the last layers of attention and MLP are fitted anew, get another bias, or stay (dimap-structured: nothing, unless it is given).", "least-squares", "mean-shift", "none");
    private readonly Option<int?> _images = CommonOptions.Number("--recovery-images", "Images that recovery looks at.", new RecoveryOptions().Images, least: 1);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_method, _images];

    /// <summary>Whether anything is done.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="usual">What is done where nothing was said.</param>
    public bool Recovers(ParseResult parsed, RecoveryMethod usual = RecoveryMethod.LeastSquares) => Method(parsed, usual) != RecoveryMethod.None;

    public string? Fault(ParseResult parsed, RecoveryMethod usual = RecoveryMethod.LeastSquares) =>
        Recovers(parsed, usual) ? null : parsed.WithoutEffect(parsed.Has(_method) ? "with --recovery none" : "without --recovery", _images);

    public RecoveryOptions Read(ParseResult parsed, RecoveryMethod usual = RecoveryMethod.LeastSquares) => new()
    {
        Method = Method(parsed, usual),
        Images = parsed.GetValue(_images)!.Value,
    };

    private RecoveryMethod Method(ParseResult parsed, RecoveryMethod usual) =>
        parsed.Has(_method) ? Enum.Parse<RecoveryMethod>(parsed.GetValue(_method)!.Replace("-", ""), ignoreCase: true) : usual;
}
