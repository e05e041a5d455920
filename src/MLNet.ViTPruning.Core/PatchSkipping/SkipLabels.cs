namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>What scorers are taught.</summary>
public enum SkipLabels
{
    /// <summary>A patch is worth computing where the layer would change its direction: the scaled cosine between what it becomes idle and what it
    /// becomes computed is below a threshold. As published.</summary>
    ScaledCosine,

    /// <summary>A patch is worth computing where leaving it out would change the model's answer: its share of the image's importance, over all layers
    /// that skip, is above a threshold. See <see cref="PatchSkipModel.Importance"/>.</summary>
    Importance,
}
