namespace MLNet.ViTPruning.PatchSkipping.Training;

/// <summary>What of a model that skips patches is trained.</summary>
public enum PatchSkipStages
{
    /// <summary>The scorers; the backbone keeps its weights to the bit.</summary>
    Scorers,

    /// <summary>The scorers, and after them the backbone against the dense model, with scorers and thresholds fixed.</summary>
    ScorersThenBackbone,

    /// <summary>The scorers, and after them scorers and backbone together, by straight-through gradients and with a target for the kept share.</summary>
    Joint,
}
