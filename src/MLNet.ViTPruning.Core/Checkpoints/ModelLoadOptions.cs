using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>How a model is made from a file.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>Name of the preset the file's weights belong to; needed only where the file does not say so itself.</summary>
    /// <value>The default is null.</value>
    public string? Preset { get; init; }

    /// <summary>The structure the file's weights belong to, for models that are no preset; needed only where the file does not say so
    /// itself.</summary>
    /// <value>The default is null.</value>
    public ModelConfiguration? Configuration { get; init; }

    /// <summary>Number of outputs wanted. A head of this size is kept, one of another size replaced by a new one with random weights.
    /// <see langword="null"/> keeps the file's head.</summary>
    /// <value>The default is null.</value>
    public int? NumClasses { get; init; }

    /// <summary>Height and width of the input in pixels. Position embeddings are interpolated to it, and the resize before the crop scales
    /// with it.
    /// <see langword="null"/> keeps the file's.</summary>
    /// <value>The default is null.</value>
    public int? ImageSize { get; init; }

    /// <summary>Seed of a new head's weights.</summary>
    /// <value>The default is 0.</value>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        var faults = new List<string>();
        if (Preset is not null && Configuration is not null) faults.Add("Preset and Configuration are both given; give one.");
        if (Preset is not null && !ModelPresets.All.ContainsKey(Preset))
            faults.Add($"There is no preset '{Preset}'. Choose one of: {string.Join(", ", ModelPresets.All.Keys)}.");
        if (Configuration is not null) faults.AddRange(Configuration.Faults());
        if (NumClasses is <= 0 or > 1 << 20) faults.Add($"NumClasses is {NumClasses}; expected 1 to 1048576.");
        if (ImageSize is <= 0 or > 1 << 14) faults.Add($"ImageSize is {ImageSize}; expected 1 to 16384.");
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults));
    }

    /// <summary>The structure these options name, or null.</summary>
    internal ModelConfiguration? Named => Configuration ?? (Preset is null ? null : ModelPresets.Get(Preset));
}
