namespace MLNet.ViTPruning.Imaging;

/// <summary>A part of CIFAR-100.</summary>
/// <remarks>The last tenth of the training file, by file order, is for validation: 5,000 of the official 50,000 images,
/// and the last tenth (rounded down) of a smaller generated file.</remarks>
public enum Cifar100Split
{
    /// <summary>All training images: 50,000 officially.</summary>
    Train,

    /// <summary>The training images without the validation images: the first 45,000 officially.</summary>
    Fit,

    /// <summary>The last tenth of the training images: 5,000 officially.</summary>
    Validation,

    /// <summary>The test images: 10,000 officially. Used once, for the figure.</summary>
    Test,
}
