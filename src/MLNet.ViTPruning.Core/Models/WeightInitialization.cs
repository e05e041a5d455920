using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Draws a new model's weights as timm does, from a generator of its own.</summary>
internal static class WeightInitialization
{
    private const double Spread = 0.02;

    /// <summary>Fills every parameter of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">Seed of the draw.</param>
    public static void Fill(VisionModel model, ulong seed)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        foreach (var (name, parameter) in model.named_parameters()) Fill(name, parameter, model.Configuration, generator);
        model.WeightsChanged();
    }

    private static void Fill(string name, Tensor parameter, ModelConfiguration configuration, Generator generator)
    {
        if (configuration.Family == ModelFamily.PvtV2 && parameter.ndim == 4)
        {
            // He's normal draw by the outputs that one input reaches; in a depth-wise convolution they are all in one channel.
            long reached = parameter.shape[2] * parameter.shape[3] * (name.EndsWith(".dwconv.weight", StringComparison.Ordinal) ? 1 : parameter.shape[0]);
            parameter.normal_(0, Math.Sqrt(2.0 / reached), generator);
        }
        else if (configuration.Family != ModelFamily.PvtV2 && name.StartsWith("patch_embed.proj.", StringComparison.Ordinal))
        {
            double bound = 1 / Math.Sqrt(3.0 * configuration.PatchSize * configuration.PatchSize); // torch's own for a convolution
            parameter.uniform_(-bound, bound, generator);
        }
        else if (name.EndsWith(".gamma", StringComparison.Ordinal)) parameter.fill_(LayerScale.InitialValue);
        else if (name.EndsWith(".bias", StringComparison.Ordinal)) parameter.zero_();
        else if (name == "cls_token") parameter.normal_(0, 1e-6, generator);
        else if (parameter.ndim == 1) parameter.fill_(1); // the norms' weights
        else parameter.normal_(0, Spread, generator);     // timm truncates at 100 standard deviations, which never happens
    }
}
