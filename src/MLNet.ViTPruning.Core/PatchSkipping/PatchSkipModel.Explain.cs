using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

// What pictures need of a model.
public sealed partial class PatchSkipModel
{
    /// <summary>How alike each patch of one image is before and after each layer, where every layer computes all of them.</summary>
    /// <param name="images">One normalised image <c>[1, 3, H, W]</c>.</param>
    /// <returns>(cos + 1) / 2, layer by layer and within them patch by patch.</returns>
    internal float[] DenseScaledCosine(Tensor images)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var pass = _backbone.Begin(images, null);
        int prefix = Macs.Prefix;
        var x = _backbone.Enter(images, pass);                                  // [1, N, C]
        var layers = new List<Tensor>();
        foreach (var block in _backbone.BlockLayers)
        {
            var next = block.Apply(x.clone(), pass);                            // [1, N, C]
            layers.Add(ScaledCosine.Of(x, next, prefix));                       // [1, P]
            x = next;
        }
        using var values = cat(layers, 0).to(ScalarType.Float32).cpu().contiguous().data<float>();
        return values.ToArray();
    }
}
