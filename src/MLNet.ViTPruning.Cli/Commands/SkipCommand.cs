using System.CommandLine;
using MLNet.ViTPruning.Cli.Skipping;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune skip train|evaluate</c>: models that skip patches.</summary>
internal static class SkipCommand
{
    public static Command Create(CancellationToken cancellationToken) => new("skip", "Teaches a ViT or DeiT to skip the patches that no longer change, and measures it.")
    {
        SkipTrainCommand.Create(cancellationToken),
        SkipEvaluateCommand.Create(cancellationToken),
    };
}
