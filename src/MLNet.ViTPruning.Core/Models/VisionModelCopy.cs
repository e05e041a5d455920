using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Copies of models.</summary>
public static class VisionModelCopy
{
    /// <summary>Copies structure and weights.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="requiresGrad">Whether the copy's weights take gradients.</param>
    /// <param name="configuration">A configuration of the same sizes, for example with other label names;
    /// <see langword="null"/> takes the model's.</param>
    /// <returns>A model in eval mode and of fp32 precision on the same device, owned by the caller.</returns>
    public static VisionModel Copy(this VisionModel model, bool requiresGrad = true, ModelConfiguration? configuration = null)
    {
        using var noGrad = no_grad();
        var source = model.state_dict();
        var copy = VisionModel.CreateEmpty(configuration ?? model.Configuration);
        try
        {
            copy.to(source.Values.First().device);
            copy.to(source.Values.First().dtype);
            foreach (var (name, target) in copy.state_dict()) target.copy_(source[name]);
            foreach (var parameter in copy.parameters()) parameter.requires_grad = requiresGrad;
            copy.eval();
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }
}
