using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.PatchSkipping.Explain;

/// <summary>One of several pictures that stand beside each other.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Caption">What stands below it where there is text.</param>
internal sealed record SkipPanel(RgbImage Picture, string Caption);
