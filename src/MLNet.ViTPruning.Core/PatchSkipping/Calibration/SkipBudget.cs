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
        var numbers = new Numbers(model, configuration);
        if (numbers.SavedBy(numbers.Most) < macsSaved) throw CannotSave(macsSaved, numbers.SavedBy(numbers.Most), configuration);
        int low = 0, high = numbers.Most; // what the latter saves is enough
        while (low < high)
        {
            int middle = low + (high - low) / 2;
            if (numbers.SavedBy(middle) >= macsSaved) high = middle;
            else low = middle + 1;
        }
        return numbers.With(high);
    }

    /// <summary>The largest share of the multiply-adds that a configuration's layers can save.</summary>
    /// <param name="model">The model's configuration.</param>
    /// <param name="configuration">Which layers skip, by a method of fixed numbers.</param>
    internal static double MostSaved(ModelConfiguration model, PatchSkipConfiguration configuration)
    {
        var numbers = new Numbers(model, configuration);
        return numbers.SavedBy(numbers.Most);
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

    /// <summary>Changes (patches skipped, or tokens merged) spread over the layers as evenly as whole numbers allow.</summary>
    private sealed class Numbers(ModelConfiguration model, PatchSkipConfiguration configuration)
    {
        private readonly int _patches = model.ResolutionOf(0) * model.ResolutionOf(0);

        public int Most => _patches * configuration.Layers.Count;

        public double SavedBy(int changes)
        {
            var macs = new SkipMacs(model, With(changes));
            return macs.Saved(macs.Executed());
        }

        public PatchSkipConfiguration With(int changes) => configuration with { Layers = [.. configuration.Layers.Select((layer, i) => Layer(layer, i, changes))] };

        private PatchSkipLayer Layer(PatchSkipLayer layer, int index, int changes)
        {
            int count = changes / configuration.Layers.Count + (index < changes % configuration.Layers.Count ? 1 : 0);
            return configuration.Method == PatchSkipMethod.Merging ? layer with { TokensMerged = count, PatchesKept = null } : layer with { PatchesKept = _patches - count, TokensMerged = null };
        }
    }
}
