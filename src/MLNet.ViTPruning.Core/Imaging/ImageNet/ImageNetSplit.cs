namespace MLNet.ViTPruning.Imaging;

/// <summary>A part of ImageNet-1k.</summary>
public enum ImageNetSplit
{
    /// <summary>The training images.</summary>
    Train,

    /// <summary>The validation images.</summary>
    Val,

    /// <summary>The validation images at positions 0, 2, 4, ... in ordinal order of their paths.</summary>
    ValEven,

    /// <summary>The validation images at positions 1, 3, 5, ... in ordinal order of their paths.</summary>
    ValOdd,
}
