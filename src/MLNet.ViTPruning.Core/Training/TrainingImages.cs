using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Training;

/// <summary>Labelled images from memory, from CIFAR-100 and parts of others.</summary>
public static class TrainingImages
{
    /// <summary>Decoded images in memory.</summary>
    /// <param name="images">The images, of any sizes; kept, not copied.</param>
    /// <param name="labels">The class of each, from 0.</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public static ITrainingImages FromMemory(IReadOnlyList<RgbImage> images, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        if (images.Count != labels.Count)
            throw new ArgumentException($"There are {images.Count} images and {labels.Count} labels; expected as many of both.", nameof(labels));
        return new MemoryImages(images, labels);
    }

    /// <summary>The images of a part of CIFAR-100 with their fine labels.</summary>
    /// <param name="set">The part.</param>
    public static ITrainingImages FromCifar100(Cifar100Set set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new Cifar100Images(set);
    }

    /// <summary>Some of the images; index i of the result is image <c>indices[i]</c>.</summary>
    /// <param name="images">All images.</param>
    /// <param name="indices">Those to take; repetitions are allowed.</param>
    /// <exception cref="ArgumentException">An index is out of range.</exception>
    public static ITrainingImages Subset(ITrainingImages images, IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(indices);
        foreach (int index in indices)
            if (index < 0 || index >= images.Count)
                throw new ArgumentException($"Index {index} is none of the {images.Count} images; expected 0 to {images.Count - 1}.", nameof(indices));
        return new SubsetImages(images, [.. indices]);
    }

    /// <summary>Consecutive images, such as the first 10,000.</summary>
    /// <param name="images">All images.</param>
    /// <param name="start">The first to take.</param>
    /// <param name="count">How many to take.</param>
    /// <exception cref="ArgumentException">The range is not inside the images.</exception>
    public static ITrainingImages Range(ITrainingImages images, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (start < 0 || count < 0 || start > images.Count - count)
            throw new ArgumentException($"There are {images.Count} images; {count} from image {start} on are not among them.", nameof(count));
        return new SubsetImages(images, [.. Enumerable.Range(start, count)]);
    }

    private sealed class MemoryImages(IReadOnlyList<RgbImage> images, IReadOnlyList<int> labels) : ITrainingImages
    {
        public int Count => images.Count;

        public int LabelOf(int index) => labels[index];

        public RgbImage Read(int index) => images[index];
    }

    private sealed class Cifar100Images(Cifar100Set set) : ITrainingImages
    {
        public int Count => set.Count;

        public int LabelOf(int index) => set.FineLabel(index);

        public RgbImage Read(int index)
        {
            Span<byte> planar = stackalloc byte[Cifar100Binary.ImageBytes];     // [3, 32, 32]
            set.Read(index, planar);
            return RgbImage.FromPlanar(32, 32, planar);
        }
    }

    private sealed class SubsetImages(ITrainingImages images, int[] indices) : ITrainingImages
    {
        public int Count => indices.Length;

        public int LabelOf(int index) => images.LabelOf(indices[index]);

        public RgbImage Read(int index) => images.Read(indices[index]);
    }
}
