namespace MLNet.ViTPruning.Imaging;

/// <summary>The order of an interleaved pixel's bytes.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue.</summary>
    Rgb24,

    /// <summary>Red, green, blue, alpha.</summary>
    Rgba32,

    /// <summary>Blue, green, red, alpha.</summary>
    Bgra32,
}
