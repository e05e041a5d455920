namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>How a pruned model wins back accuracy before any training.</summary>
public enum RecoveryMethod
{
    /// <summary>Not at all: the remaining weights stay as they are.</summary>
    None,

    /// <summary>What the removed channels contribute on average goes into the bias of the layer that read them.</summary>
    MeanShift,

    /// <summary>The output projection and the second MLP layer of each block are fitted anew, one after the other, so that the residual stream comes as
    /// near as it can to what it was: each makes up for its own removed channels and for what those before it could not.</summary>
    LeastSquares,
}
