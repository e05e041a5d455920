using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Models;

/// <summary>The architecture a model belongs to.</summary>
public enum ModelFamily
{
    /// <summary>ViT and DeiT: one stage, global attention, class token or mean pooling.</summary>
    Vit,

    /// <summary>Swin Transformer v1: several stages, shifted windows, patch merging, mean pooling.</summary>
    Swin,

    /// <summary>Pyramid Vision Transformer v2: several stages, keys and values from a smaller grid of tokens, overlapping patches,
    /// mean pooling.</summary>
    PvtV2,
}

/// <summary>How a plain ViT turns its tokens into one feature vector.</summary>
public enum Pooling
{
    /// <summary>The class token after the final norm.</summary>
    ClassToken,

    /// <summary>The mean of the patch tokens, then the norm <c>fc_norm</c>.</summary>
    Mean,
}

/// <summary>Everything that is needed to rebuild a model's structure, its input and the names of its outputs.</summary>
/// <remarks>Stands as JSON in a <c>.safetensors</c> file's <c>__metadata__.configuration</c>.</remarks>
public sealed record ModelConfiguration
{
    /// <summary>The architecture's family.</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>The preset this model started from, as timm names it, or null.</summary>
    public string? Architecture { get; init; }

    /// <summary>Height and width of the input in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Height and width of a patch in pixels. In PVTv2, whose patches overlap, the distance between them.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Side of an attention window in tokens; 0 for models without windows.</summary>
    public int WindowSize { get; init; }

    /// <summary>For each stage of a PVTv2 the side of the square of tokens that become one key and value, 1 where each token is one;
    /// null in other families.</summary>
    public IReadOnlyList<int>? ReductionRatios { get; init; }

    /// <summary>Number of outputs.</summary>
    public required int NumClasses { get; init; }

    /// <summary>The stages; a plain ViT has exactly one.</summary>
    public required IReadOnlyList<StageConfiguration> Stages { get; init; }

    /// <summary>How tokens become one feature vector; the other families always take the mean.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>Whether there is DeiT's distillation token with its own head; scores are the mean of both heads.</summary>
    public bool DistillationToken { get; init; }

    /// <summary>Whether every block scales its two branches by learned gains (<c>ls1.gamma</c>, <c>ls2.gamma</c>).</summary>
    public bool LayerScale { get; init; }

    /// <summary>Epsilon of every LayerNorm: 1e-6 in ViT and DeiT, 1e-5 in Swin, 1e-6 in PVTv2, whose norms of embeddings and of reduced
    /// tokens have 1e-5 whatever stands here.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>How an image becomes the model's input.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>Names of the outputs in order, or null where they are not known.</summary>
    public IReadOnlyList<string>? LabelNames { get; init; }

    /// <summary>All blocks of all stages, in order.</summary>
    [JsonIgnore]
    public IEnumerable<BlockConfiguration> Blocks => Stages.SelectMany(stage => stage.Blocks);

    /// <summary>Width of the features that reach the head.</summary>
    [JsonIgnore]
    public int NumFeatures => Stages[^1].EmbedDim;

    /// <summary>How configurations stand in a file: camelCase, nulls left out, unknown members refused.</summary>
    internal static JsonSerializerOptions JsonOptions { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes this configuration as one line of JSON with camelCase names.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <summary>Reads what <see cref="ToJson"/> wrote and checks it.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>A valid configuration.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken, has an unknown member, or describes an impossible model.</exception>
    public static ModelConfiguration FromJson(string json)
    {
        ModelConfiguration? configuration;
        try
        {
            configuration = JsonSerializer.Deserialize<ModelConfiguration>(json, JsonOptions);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The model's configuration is not valid: {e.Message}", e);
        }
        if (configuration is null) throw new InvalidDataException("The model's configuration is empty.");
        var faults = configuration.Faults();
        return faults.Count == 0 ? configuration : throw new InvalidDataException("The model's configuration is not valid: " + string.Join(" ", faults));
    }

    /// <summary>Throws where this configuration describes no model.</summary>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    public void Validate()
    {
        var faults = Faults();
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults));
    }

    /// <summary>All faults of this configuration, a sentence each; empty where it is valid.</summary>
    internal List<string> Faults() => ModelConfigurationCheck.Faults(this);

    /// <inheritdoc/>
    public bool Equals(ModelConfiguration? other) => other is not null && (ReferenceEquals(this, other) || ToJson() == other.ToJson());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Family, Architecture, ImageSize, NumClasses, Stages.Count);
}
