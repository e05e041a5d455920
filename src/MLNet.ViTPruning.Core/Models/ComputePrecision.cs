namespace MLNet.ViTPruning.Models;

/// <summary>The number format of a model's matrix products. Weights stay in single precision either way.</summary>
public enum ComputePrecision
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>bfloat16 inside linear layers (patch embedding included, head excluded) and attention products; norms,
    /// residual sums, gradients of the weights and logits stay in single precision.</summary>
    BFloat16,
}
