using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>A way to tell how much the channels of a model matter.</summary>
public interface IImportance
{
    /// <summary>The name in reports and plans, as the command line spells it.</summary>
    string Name { get; }

    /// <summary>Scores channels. The model is not changed, and others may use it meanwhile.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">The images to score on.</param>
    /// <param name="request">What to score, and with which settings.</param>
    /// <returns>The scores; larger is more important.</returns>
    /// <exception cref="ArgumentException">Something is missing that this way of scoring needs, such as labels, or the file of scores holds those of another
    /// importance, model or of other images.</exception>
    /// <exception cref="InvalidDataException">The file of scores is broken.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled; a file of scores holds what was done.</exception>
    ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request);
}

/// <summary>What is to be scored.</summary>
/// <param name="Options">The settings.</param>
/// <param name="Seed">Seed of all draws.</param>
public sealed record ScoringRequest(UnifiedPruningOptions Options, ulong Seed)
{
    /// <summary>The components to score. The others' scores stay empty or zero.</summary>
    /// <value>The default is what the options cut: attention and MLP channels, and residual channels where they get fewer.</value>
    public IReadOnlyCollection<PruningComponent> Components { get; init; } = Options.Target is null && Options.EmbedKeepRatio == 1
        ? [PruningComponent.Attention, PruningComponent.Mlp]
        : [PruningComponent.Embed, PruningComponent.Attention, PruningComponent.Mlp];
}

/// <summary>The ways to score channels.</summary>
public static class Importances
{
    /// <summary>A way to score channels.</summary>
    /// <param name="kind">Which one.</param>
    /// <returns>It; safe for concurrent use.</returns>
    public static IImportance Of(ImportanceKind kind) => kind switch
    {
        ImportanceKind.Auto => new AutoImportance(),
        ImportanceKind.Exact => new ExactImportance(),
        ImportanceKind.Fisher => new FisherImportance(),
        ImportanceKind.Magnitude => new MagnitudeImportance(),
        ImportanceKind.Taylor => new TaylorImportance(),
        ImportanceKind.Random => new RandomImportance(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, $"Expected one of {string.Join(", ", Enum.GetNames<ImportanceKind>())}."),
    };

    /// <summary>Whether it scores channels on images.</summary>
    internal static bool LooksAtImages(this ImportanceKind kind) => kind is not (ImportanceKind.Magnitude or ImportanceKind.Random);
}
