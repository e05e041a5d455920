using MLNet.ViTPruning.PatchSkipping.Selection;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Runtime;

/// <summary>What the layers of one forward pass decided, on the host.</summary>
/// <param name="details">What is to be kept.</param>
internal sealed class SkipRecord(SkipDetails details)
{
    private int _layer;

    /// <summary>For each skipping layer, the tokens computed of each image.</summary>
    public List<int[]> Tokens { get; } = [];

    /// <summary>For each skipping layer, whether each patch was computed, image by image.</summary>
    public List<bool[]> Masks { get; } = [];

    /// <summary>For each skipping layer, the raw score of each patch, image by image; empty where there are none.</summary>
    public List<float[]> Scores { get; } = [];

    /// <summary>Whether masks are kept.</summary>
    public bool HasMap => details.HasFlag(SkipDetails.KeepMap);

    /// <summary>Whether scores are kept.</summary>
    public bool HasScores => details.HasFlag(SkipDetails.Scores);

    /// <summary>Says that the images that follow begin with the first layer again.</summary>
    public void BeginPart() => _layer = 0;

    /// <summary>Takes a layer's selection down, behind those of the parts before.</summary>
    /// <param name="selection">The selection.</param>
    public void Add(PatchSelection selection)
    {
        Append(Tokens, selection.Kept.Counts);
        if (HasMap) Append(Masks, Host<bool>(selection.Mask()));
        if (HasScores && selection.Scores is not null) Append(Scores, Host<float>(selection.Scores.to(ScalarType.Float32)));
        _layer++;
    }

    private void Append<T>(List<T[]> layers, T[] values)
    {
        if (_layer == layers.Count) layers.Add(values);
        else layers[_layer] = [.. layers[_layer], .. values];
    }

    private static T[] Host<T>(Tensor values) where T : unmanaged
    {
        using var here = values.detach().cpu().contiguous().data<T>();
        return here.ToArray();
    }
}
