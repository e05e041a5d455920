using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Steps between a block's branches and its residual stream that mind number formats.</summary>
internal static class Precision
{
    /// <summary>The tensor in bfloat16; itself where it has that type.</summary>
    public static Tensor Low(Tensor x) => x.dtype == ScalarType.BFloat16 ? x : x.to(ScalarType.BFloat16);

    /// <summary>A branch's result added to the residual stream, which keeps its own type.</summary>
    /// <param name="x">The residual stream; overwritten and returned where the pass allows it.</param>
    /// <param name="branch">The branch's result, in either type.</param>
    /// <param name="pass">The forward pass.</param>
    public static Tensor AddResidual(Tensor x, Tensor branch, ForwardPass pass)
    {
        if (!pass.Cached) return x.add(branch);
        x.add_(branch);
        return x;
    }

    /// <summary>Channel factors multiplied into activations, whose type is kept.</summary>
    /// <param name="x">Activations <c>[B, N, parts * D]</c>.</param>
    /// <param name="gains">Factors <c>[B or 1, D]</c>, or null for none.</param>
    /// <param name="parts">How often the D channels occur side by side.</param>
    public static Tensor Scale(Tensor x, Tensor? gains, int parts = 1)
    {
        if (gains is null) return x;
        var factors = gains.to(x.dtype).unsqueeze(1);                     // [B or 1, 1, D]
        return x * (parts == 1 ? factors : factors.repeat(1, 1, parts));  // [B, N, parts * D]
    }
}
