using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Explain;

/// <summary>What a model made of one image: which patches each layer computed, and how much the dense model's layers change each patch.</summary>
public sealed record SkipExplanation
{
    /// <summary>The image as the model saw it: resized and cut.</summary>
    public required RgbImage Image { get; init; }

    /// <summary>Side of the grid in patches.</summary>
    public required int Side { get; init; }

    /// <summary>Layers of the model.</summary>
    public required int Layers { get; init; }

    /// <summary>Whether each patch was computed: layer by layer, and within them row by row of the grid.</summary>
    public required IReadOnlyList<bool> KeepMap { get; init; }

    /// <summary>(cos + 1) / 2 between each patch before and after each layer of the dense model, in the same order.</summary>
    public required IReadOnlyList<float> ScaledCosine { get; init; }

    /// <summary>What was skipped, in numbers.</summary>
    public required ImageSkips Skips { get; init; }

    /// <summary>How many layers computed each patch, row by row of the grid.</summary>
    public IReadOnlyList<int> Depth =>
        [.. Enumerable.Range(0, Side * Side).Select(patch => Enumerable.Range(0, Layers).Count(layer => KeepMap[layer * Side * Side + patch]))];

    /// <summary>The mean over the patches of <see cref="ScaledCosine"/>, layer by layer.</summary>
    public IReadOnlyList<double> MeanScaledCosine =>
        [.. Enumerable.Range(0, Layers).Select(layer => ScaledCosine.Skip(layer * Side * Side).Take(Side * Side).Average(value => (double)value))];

    /// <summary>Explains one image.</summary>
    /// <param name="model">The model, in evaluation mode; not one that merges tokens.</param>
    /// <param name="image">The image, of any size.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="ArgumentException">The model merges tokens, whose patches have no place of their own.</exception>
    public static SkipExplanation Of(PatchSkipModel model, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(image);
        if (model.Configuration.Method == PatchSkipMethod.Merging) throw new ArgumentException("The model merges tokens; there is no map of patches to show.", nameof(model));
        var configuration = model.Backbone.Configuration;
        var preprocessor = new ImagePreprocessor(configuration.Preprocessing, configuration.ImageSize);
        float[] values = new float[preprocessor.Length];
        preprocessor.Run(image, values);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var like = model.Backbone.parameters().First();
        var images = tensor(values, [1, 3, configuration.ImageSize, configuration.ImageSize]).to(like.dtype).to(like.device); // [1, 3, S, S]
        using var result = model.Run(images, SkipDetails.KeepMap);
        return new SkipExplanation
        {
            Image = Seen(values, preprocessor),
            Side = configuration.ResolutionOf(0),
            Layers = configuration.Blocks.Count(),
            KeepMap = result.Images[0].KeepMap!,
            ScaledCosine = model.DenseScaledCosine(images),
            Skips = result.Images[0],
        };
    }

    private static RgbImage Seen(float[] values, ImagePreprocessor preprocessor)
    {
        int side = preprocessor.ImageSize, count = side * side;
        byte[] planar = new byte[values.Length];
        var (mean, std) = (preprocessor.Preprocessing.Mean, preprocessor.Preprocessing.Std);
        for (int i = 0; i < values.Length; i++)
            planar[i] = (byte)Math.Clamp(Math.Round(255 * (values[i] * std[i / count] + mean[i / count])), 0, 255);
        return RgbImage.FromPlanar(side, side, planar);
    }
}
