namespace MLNet.ViTPruning.Imaging.Resampling;

/// <summary>A symmetric resampling kernel of Pillow's.</summary>
internal enum Kernel
{
    /// <summary>Keys' cubic convolution with a = -0.5 over [-2, 2].</summary>
    Cubic,

    /// <summary>The triangle over [-1, 1].</summary>
    Triangle,
}

internal static class Kernels
{
    private const double A = -0.5;

    public static double Support(this Kernel kernel) => kernel == Kernel.Cubic ? 2.0 : 1.0;

    public static double At(this Kernel kernel, double x)
    {
        x = Math.Abs(x);
        if (kernel == Kernel.Triangle) return x < 1 ? 1 - x : 0;
        if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
}
