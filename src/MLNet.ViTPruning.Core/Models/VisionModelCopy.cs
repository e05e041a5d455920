using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Copies of models.</summary>
public static class VisionModelCopy
{
    /// <summary>Copies structure, weights and masks.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="requiresGrad">Whether the copy's weights take gradients.</param>
    /// <param name="configuration">A configuration of the same sizes, for example with other label names;
    /// <see langword="null"/> takes the model's.</param>
    /// <returns>A model in eval mode and of fp32 precision on the same device, owned by the caller.</returns>
    public static VisionModel Copy(this VisionModel model, bool requiresGrad = true, ModelConfiguration? configuration = null)
    {
        var copy = model.Derive(configuration ?? model.Configuration, static (_, weight) => weight);
        foreach (var parameter in copy.parameters()) parameter.requires_grad = requiresGrad;
        return copy;
    }

    /// <summary>Makes a model whose weights and masks follow from another one's, of the same type and on the same device.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="configuration">The new model's structure; it has no weight that <paramref name="model"/> lacks.</param>
    /// <param name="weight">The new weight for a state-dict key and the old weight; it is copied. Of a mask it is asked like of a weight that is 1
    /// where weights stay and 0 elsewhere, on the CPU; what it gives is 0 where the new weight is masked.</param>
    /// <returns>A model in eval mode, owned by the caller.</returns>
    internal static VisionModel Derive(this VisionModel model, ModelConfiguration configuration, Func<string, Tensor, Tensor> weight) =>
        VisionModel.CreateFilled(configuration, derived =>
        {
            var source = model.state_dict();
            derived.to(source.Values.First().device);
            derived.to(source.Values.First().dtype);
            using var scope = NewDisposeScope();    // opened after the moves, whose parameters must outlive it
            foreach (var (name, target) in derived.state_dict()) target.copy_(weight(name, source[name]));
            derived.SetWeightMasks(model.WeightMasks.ToDictionary(mask => mask.Key, mask => Follow(mask.Key, mask.Value, weight)));
        });

    private static Tensor Follow(string name, Tensor mask, Func<string, Tensor, Tensor> weight)
    {
        using var scope = NewDisposeScope();
        return weight(name, mask.to(float32)).ne(0).MoveToOuterDisposeScope();
    }
}
