using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Components;

/// <summary>Some of a set's images.</summary>
/// <param name="images">The set; stays its owner's.</param>
/// <param name="indices">Which ones, in order.</param>
internal sealed class ImageSubset(ITrainingImages images, IReadOnlyList<int> indices) : ITrainingImages
{
    public int Count => indices.Count;

    public int LabelOf(int index) => images.LabelOf(indices[index]);

    public RgbImage Read(int index) => images.Read(indices[index]);
}
