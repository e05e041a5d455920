using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>Progressive block pruning after UP-ViTs: of all blocks, and all pairs of an MLP and the attention that follows it, the one
/// whose removal changes the model's predictions least goes; what remains is scored anew.</summary>
/// <remarks>Source: Yu and Wu, "A unified pruning framework for vision transformers" (SCIS 2023, arXiv:2111.15127). Give
/// <see cref="Removals"/> or <see cref="MacsKeepRatio"/>.</remarks>
public sealed record DepthPruningOptions : PruningOptions
{
    /// <summary>How many times two halves of blocks are removed; each makes the model one block shallower.</summary>
    /// <value>The default is <see langword="null"/>: <see cref="MacsKeepRatio"/> decides.</value>
    public int? Removals { get; init; }

    /// <summary>Halves are removed until the model has at most this share of its multiply-adds, in (0, 1).</summary>
    /// <value>The default is <see langword="null"/>: <see cref="Removals"/> decides.</value>
    public double? MacsKeepRatio { get; init; }

    /// <summary>Images used to score the candidates, drawn class by class. Fewer are used where there are fewer.</summary>
    /// <value>The default is 256.</value>
    public int ProxyImages { get; init; } = 256;

    /// <summary>Images scored together.</summary>
    /// <value>The default is 32.</value>
    public int BatchSize { get; init; } = 32;

    /// <summary>How accuracy is won back without training, from images without labels: after the last removal, and before each training in between. Its own
    /// progress and token are heeded beside those of the whole.</summary>
    /// <value>The default is least squares on 256 images; <see cref="RecoveryMethod.None"/> as published.</value>
    public RecoveryOptions Recovery { get; init; } = new();

    /// <summary>A short training of the smaller model after every removal, against the original. It needs labelled images. What it changes is not
    /// part of the plan.</summary>
    /// <value>The default is <see langword="null"/>: no training in between.</value>
    public DepthFineTuneOptions? FineTune { get; init; }

    /// <summary>Called after every removal with the smaller model, in place of <see cref="FineTune"/>, for example to train it in another way, on the
    /// thread that prunes. It returns the model to go on with: the same one, or another of the same structure, which then replaces it; the callee
    /// disposes the one it does not return.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Func<VisionModel, VisionModel>? AfterRemoval { get; init; }

    /// <inheritdoc/>
    public override void Validate() => Check.All(
    [
        Check.That((Removals is null) != (MacsKeepRatio is null), "Give either Removals or MacsKeepRatio: one of them says how far to go."),
        Check.AtLeast(Removals, 1),
        Check.That(MacsKeepRatio is null or (> 0 and < 1), FormattableString.Invariant($"MacsKeepRatio is {MacsKeepRatio}; expected a value in (0, 1).")),
        Check.AtLeast(ProxyImages, 1),
        Check.AtLeast(BatchSize, 1),
        Check.That(FineTune is null || AfterRemoval is null, "FineTune and AfterRemoval are both given; expected at most one of them."),
        .. Recovery?.Faults($"{nameof(Recovery)}.") ?? ["Recovery is null; RecoveryMethod.None leaves it out."],
        .. FineTune?.Faults($"{nameof(FineTune)}.") ?? [],
    ]);
}
