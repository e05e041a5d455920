namespace MLNet.ViTPruning.Models;

/// <summary>The two halves of a Transformer block; each adds to the residual stream what it computes from it.</summary>
public enum BlockHalf
{
    /// <summary>Norm and attention.</summary>
    Attention,

    /// <summary>Norm and MLP.</summary>
    Mlp,
}
