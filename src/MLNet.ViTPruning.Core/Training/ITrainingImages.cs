using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Training;

/// <summary>Labelled images that can be read in any order. Several threads read at once.</summary>
public interface ITrainingImages
{
    /// <summary>How many images there are.</summary>
    int Count { get; }

    /// <summary>The class of an image, from 0.</summary>
    /// <param name="index">The image, from 0.</param>
    int LabelOf(int index);

    /// <summary>Reads, and decodes where need be, one image.</summary>
    /// <param name="index">The image, from 0.</param>
    /// <exception cref="InvalidDataException">The image cannot be decoded.</exception>
    RgbImage Read(int index);
}
