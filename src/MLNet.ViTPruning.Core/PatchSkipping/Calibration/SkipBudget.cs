using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>Numbers of patches, or of merged tokens, that meet a target of multiply-adds. They follow from the sizes alone.</summary>
public static class SkipBudget
{
    /// <summary>Gives every layer of a configuration its number of patches, or of merged tokens: the fewest changes that save the target, as
    /// even over the layers as whole numbers allow.</summary>
    /// <param name="model">The model's configuration.</param>
    /// <param name="configuration">Which layers skip, and by which method; its own numbers are replaced.</param>
    /// <param name="macsSaved">Share of the dense model's executed multiply-adds to save, in (0, 1).</param>
    /// <returns>The configuration with its numbers.</returns>
    /// <exception cref="ArgumentException">The method keeps by thresholds, or these layers cannot save as much.</exception>
    public static PatchSkipConfiguration Fixed(ModelConfiguration model, PatchSkipConfiguration configuration, double macsSaved)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.Method == PatchSkipMethod.Learned) throw new ArgumentException("Learned keeps by thresholds; fit them on images with SkipCalibrator.", nameof(configuration));
        int patches = model.ResolutionOf(0) * model.ResolutionOf(0), most = patches * configuration.Layers.Count;
        if (SavedBy(most) < macsSaved) throw CannotSave(macsSaved, SavedBy(most), configuration);
        int low = 0, high = most; // SavedBy(high) is enough
        while (low < high)
        {
            int middle = low + (high - low) / 2;
            if (SavedBy(middle) >= macsSaved) high = middle;
            else low = middle + 1;
        }
        return With(high);

        double SavedBy(int skipped)
        {
            var macs = new SkipMacs(model, With(skipped));
            return macs.Saved(macs.Executed());
        }

        PatchSkipConfiguration With(int skipped) => configuration with { Layers = [.. configuration.Layers.Select((layer, i) => Layer(layer, i, skipped))] };

        PatchSkipLayer Layer(PatchSkipLayer layer, int index, int skipped)
        {
            int count = skipped / configuration.Layers.Count + (index < skipped % configuration.Layers.Count ? 1 : 0);
            return configuration.Method == PatchSkipMethod.Merging ? layer with { TokensMerged = count, PatchesKept = null } : layer with { PatchesKept = patches - count, TokensMerged = null };
        }
    }

    /// <summary>The share of patches that every skipping layer may compute where a target is met.</summary>
    /// <param name="model">The model.</param>
    /// <param name="macsSaved">Share of the dense model's executed multiply-adds to save.</param>
    internal static double KeptShare(PatchSkipModel model, double macsSaved)
    {
        var sizes = model.Backbone.Configuration;
        var counted = Fixed(sizes, model.Configuration with { Method = PatchSkipMethod.LearnedTopK }, macsSaved);
        return counted.Layers.Average(layer => (double)layer.PatchesKept!.Value) / (sizes.ResolutionOf(0) * sizes.ResolutionOf(0));
    }

    internal static ArgumentException CannotSave(double macsSaved, double most, PatchSkipConfiguration configuration) => new(FormattableString.Invariant(
        $"A target of {macsSaved} of the multiply-adds cannot be saved by {configuration.Method} in {configuration.Layers.Count} layers, at most {most:0.000}; lower the target, or give more layers."));
}
