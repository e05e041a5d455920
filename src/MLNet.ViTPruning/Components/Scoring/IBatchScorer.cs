using MLNet.ViTPruning.PatchSkipping;

namespace MLNet.ViTPruning.Components;

/// <summary>Turns preprocessed images into what the columns hold.</summary>
internal interface IBatchScorer
{
    /// <summary>Scores a batch.</summary>
    ScoredBatch Score(ImageBatch batch);
}

/// <summary>What a model said of a batch.</summary>
/// <param name="Probabilities">Probabilities <c>[B, classes]</c>, image by image.</param>
/// <param name="Skips">What was skipped, image by image; null where nothing skips.</param>
internal sealed record ScoredBatch(float[] Probabilities, IReadOnlyList<ImageSkips>? Skips)
{
    /// <summary>What it said of one image.</summary>
    /// <param name="index">The image.</param>
    /// <param name="count">Images of the batch.</param>
    public ScoredRow Row(int index, int count)
    {
        int classes = Probabilities.Length / count;
        return new(Probabilities.AsMemory(index * classes, classes), Skips?[index]);
    }
}

/// <summary>What a model said of one image.</summary>
/// <param name="Probabilities">One for each class.</param>
/// <param name="Skips">What was skipped, or null.</param>
internal readonly record struct ScoredRow(ReadOnlyMemory<float> Probabilities, ImageSkips? Skips);
