using System.Globalization;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Finds out what model a file's weights belong to: its own configuration, else the architecture it names, else the
/// options.</summary>
internal static class ConfigurationResolver
{
    /// <exception cref="InvalidDataException">Neither the file nor the options say it, or the file says it wrongly.</exception>
    /// <exception cref="ArgumentException">The options say something else than the file.</exception>
    public static ModelConfiguration Resolve(IReadOnlyDictionary<string, string> metadata, ModelLoadOptions options)
    {
        if (metadata.TryGetValue("configuration", out string? json))
        {
            var own = ModelConfiguration.FromJson(json);
            if (options.Named is { } named && named.Architecture != own.Architecture && !ModelPresets.HaveOneStructure(named, own))
                throw Contradiction(own.Architecture ?? "a model of its own configuration", named);
            return own;
        }
        var configuration = FromArchitecture(metadata, options) ?? options.Named ?? throw new InvalidDataException(
            "The file does not say what model it holds (no configuration or architecture in its metadata). "
            + $"Name it: --preset NAME, or ModelLoadOptions.Preset, with one of {string.Join(", ", ModelPresets.All.Keys)}.");
        return WithMetadata(configuration, metadata);
    }

    private static ModelConfiguration? FromArchitecture(IReadOnlyDictionary<string, string> metadata, ModelLoadOptions options)
    {
        if (!metadata.TryGetValue("architecture", out string? architecture)) return null;
        string name = architecture.Split('.')[0]; // timm's names end with the weights' tag: vit_tiny_patch16_224.augreg_in21k_ft_in1k
        if (ModelPresets.All.TryGetValue(name, out var preset))
            return options.Named is not { } named || named.Architecture == name ? preset : throw Contradiction(name, named);
        return options.Named is not null ? null : throw new InvalidDataException(
            $"The file says that it holds '{architecture}', which is no preset. If it has the shape of one, name it: --preset NAME, or ModelLoadOptions.Preset, with one of {string.Join(", ", ModelPresets.All.Keys)}.");
    }

    private static ModelConfiguration WithMetadata(ModelConfiguration configuration, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.TryGetValue("num_classes", out string? text))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int classes) || classes is <= 0 or > 1 << 20)
                throw new InvalidDataException($"The file's num_classes is '{text}'; expected a whole number from 1 to 1048576.");
            if (classes != configuration.NumClasses) configuration = configuration.WithClasses(classes);
        }
        // Weights that were trained elsewhere rarely carry class names; those of a data set that the library knows are known.
        if (configuration.LabelNames is null && metadata.GetValueOrDefault("dataset") == "CIFAR-100" && configuration.NumClasses == Cifar100Labels.Fine.Count)
            configuration = configuration with { LabelNames = Cifar100Labels.Fine };
        return metadata.TryGetValue("preprocessing", out string? preprocessing)
            ? configuration with { Preprocessing = PreprocessingMetadata.Parse(preprocessing, configuration.ImageSize) }
            : configuration;
    }

    /// <summary>The configuration with what the options change.</summary>
    public static ModelConfiguration Adapt(ModelConfiguration configuration, ModelLoadOptions options)
    {
        if (options.NumClasses is int classes && classes != configuration.NumClasses) configuration = configuration.WithClasses(classes);
        if (options.ImageSize is int size && size != configuration.ImageSize)
        {
            // The crop keeps its share of the resized image.
            int? resize = configuration.Preprocessing.ResizeShorterSide is int side
                ? (int)((long)side * size / configuration.ImageSize)
                : null;
            var preprocessing = configuration.Preprocessing with { ResizeShorterSide = resize };
            configuration = configuration with { ImageSize = size, Preprocessing = preprocessing };
        }
        return configuration;
    }

    private static ArgumentException Contradiction(string file, ModelConfiguration named) =>
        new($"The file says that it holds {file}; the options say {named.Architecture ?? "a configuration of their own"}. Leave Preset and Configuration out.");
}
