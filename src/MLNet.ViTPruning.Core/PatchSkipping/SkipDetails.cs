namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>What a forward pass tells beside the logits.</summary>
[Flags]
public enum SkipDetails
{
    /// <summary>Counts alone.</summary>
    None = 0,

    /// <summary>Which patches each layer computed, and how many came back.</summary>
    KeepMap = 1,

    /// <summary>The raw score of each patch in each skipping layer.</summary>
    Scores = 2,
}
