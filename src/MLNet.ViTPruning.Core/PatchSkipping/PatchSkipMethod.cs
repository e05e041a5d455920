namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>What decides which patches a layer computes.</summary>
public enum PatchSkipMethod
{
    /// <summary>A small MLP per layer scores each patch; those above the layer's threshold are computed.</summary>
    Learned,

    /// <summary>The same scores; a fixed number of patches, those of the highest scores, is computed: shapes that do not depend on the image.</summary>
    LearnedTopK,

    /// <summary>A fixed number of patches drawn at random, by the image's own pixels; for comparison.</summary>
    Random,

    /// <summary>A fixed number of patches, those that the class token looks at most in this layer; the others idle. For comparison.</summary>
    /// <remarks>Source of the rule: Xu et al., "No Token Left Behind: Efficient Vision Transformer via Dynamic Token Idling" (arXiv:2310.05654).</remarks>
    ClassAttention,

    /// <summary>Similar tokens become one, for good; for comparison.</summary>
    /// <remarks>Source of the method: Bolya et al., "Token Merging: Your ViT But Faster" (arXiv:2210.09461).</remarks>
    Merging,
}
