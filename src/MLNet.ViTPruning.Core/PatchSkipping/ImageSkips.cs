namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>What was skipped of one image.</summary>
public sealed record ImageSkips
{
    /// <summary>For each of the configuration's layers, in their order, the tokens that it computed, prefix tokens included. Where tokens are
    /// merged, those that the layer's attention had.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Patches that idled, summed over the layers. 0 where tokens are merged.</summary>
    public required int Skips { get; init; }

    /// <summary>How often a patch that had idled was computed again by the next layer, up to the last one that skips; <see langword="null"/> where
    /// <see cref="SkipDetails.KeepMap"/> was not asked for, or where tokens are merged.</summary>
    public int? ReEntries { get; init; }

    /// <summary>Whether each patch was computed: layer by layer, all layers of the model, and within them row by row of the grid; true in
    /// layers that do not skip. <see langword="null"/> where it was not asked for, or where tokens are merged.</summary>
    public IReadOnlyList<bool>? KeepMap { get; init; }

    /// <summary>The raw score of each patch, whose sigmoid is the score: layer by layer of the configuration. <see langword="null"/> where it was
    /// not asked for, or where nothing is scored.</summary>
    public IReadOnlyList<float>? Scores { get; init; }

    /// <summary>Multiply-adds of the whole model for this image, patch embedding, scorers and head included. Compare it with
    /// <see cref="SkipMacs.DenseExecuted"/>.</summary>
    public required long ExecutedMacs { get; init; }
}
