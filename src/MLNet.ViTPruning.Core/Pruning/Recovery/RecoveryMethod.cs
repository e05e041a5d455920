namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>How a pruned model wins back accuracy before any training.</summary>
public enum RecoveryMethod
{
    /// <summary>Not at all: the remaining weights stay as they are.</summary>
    None,

    /// <summary>What the removed channels contribute on average goes into the bias of the layer that read them.</summary>
    MeanShift,

    /// <summary>The layers that read the removed channels are fitted anew, block by block, so that they give what they gave before.</summary>
    LeastSquares,
}
