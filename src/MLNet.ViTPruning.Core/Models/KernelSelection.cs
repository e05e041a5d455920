namespace MLNet.ViTPruning.Models;

/// <summary>How a model chooses among kernels that compute the same product.</summary>
public enum KernelSelection
{
    /// <summary>The faster one on this machine, measured for some hundredths of a second when a size first occurs. Results of two runs of a program
    /// may differ by rounding.</summary>
    Measured,

    /// <summary>Always torch's own <c>linear</c> and <c>scaled_dot_product_attention</c>, in the precision that was asked for.</summary>
    Standard,
}
