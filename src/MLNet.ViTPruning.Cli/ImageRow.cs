using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.ViTPruning.Cli;

/// <summary>The input that a saved model declares: one image.</summary>
internal sealed class ImageRow
{
    /// <summary>The image, of any size.</summary>
    [ImageType]
    public MLImage? Image { get; set; }
}
