namespace MLNet.ViTPruning.Models;

/// <summary>The number format of a model's matrix products. Weights stay in single precision either way.</summary>
public enum ComputePrecision
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>bfloat16 inside linear layers and convolutions (patch embedding included, head excluded) and attention products; norms,
    /// residual sums, gradients of the weights and logits stay in single precision. In evaluation mode without gradients a CPU that
    /// multiplies bfloat16 more slowly than single precision (measured at first use) computes in single precision, which is then both
    /// faster and more exact; <see cref="KernelSelection.Standard"/> insists on bfloat16.</summary>
    BFloat16,
}
