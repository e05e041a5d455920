using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>Which layers skip, and how they decide. Fixed for a model: nothing of it depends on the images that are seen together.</summary>
/// <remarks>Stands as JSON in a <c>.safetensors</c> file's <c>__metadata__.patchSkipping</c>.</remarks>
public sealed record PatchSkipConfiguration
{
    /// <summary>Where the default puts the first scorer: in earlier layers hardly a patch has settled.</summary>
    public const int UsualFirstLayer = 4;

    /// <summary>What decides.</summary>
    /// <value>The default is <see cref="PatchSkipMethod.Learned"/>.</value>
    public PatchSkipMethod Method { get; init; }

    /// <summary>What the scorers read.</summary>
    /// <value>The default is <see cref="ScorerInput.Token"/>, as published.</value>
    public ScorerInput Input { get; init; }

    /// <summary>Whether computed tokens see all tokens, idle ones included, or only each other.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool ContextAttention { get; init; } = true;

    /// <summary>Whether idle patches get what a layer adds to patches on the mean, or pass unchanged, as published.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ShiftsIdle { get; init; }

    /// <summary>What scorers are taught.</summary>
    /// <value>The default is <see cref="SkipLabels.ScaledCosine"/>, as published.</value>
    public SkipLabels Labels { get; init; }

    /// <summary>With <see cref="SkipLabels.Importance"/>: a patch is worth computing in a layer where its share of the image's importance is above this, in
    /// [0, 1]. A thousand patches of equal importance would have a thousandth each.</summary>
    /// <value>The default is 0.0001.</value>
    public double ImportanceThreshold { get; init; } = 1e-4;

    /// <summary>With <see cref="SkipLabels.ScaledCosine"/>: a patch is worth computing where the scaled cosine (cos + 1) / 2 between what it becomes idle and
    /// computed is less than this; in (0, 1]. A layer may have its own.</summary>
    /// <value>The default is 0.95.</value>
    public double ScaledCosineThreshold { get; init; } = 0.95;

    /// <summary>Seed of <see cref="PatchSkipMethod.Random"/>.</summary>
    /// <value>The default is 0.</value>
    public long Seed { get; init; }

    /// <summary>The layers that skip, ascending; the others compute everything.</summary>
    public required IReadOnlyList<PatchSkipLayer> Layers { get; init; }

    /// <summary>The usual layers of a model: from a given one on. The last layer of a model that reads the class token alone computes no patch
    /// anyway, and gets no scorer.</summary>
    /// <param name="model">The model's configuration.</param>
    /// <param name="firstLayer">The first layer that skips.</param>
    /// <returns>Layers with default thresholds; none where the model has too few.</returns>
    public static IReadOnlyList<PatchSkipLayer> UsualLayers(ModelConfiguration model, int firstLayer = UsualFirstLayer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(firstLayer);
        int end = model.Blocks.Count() - (model.Pooling == Pooling.ClassToken ? 1 : 0);
        return [.. Enumerable.Range(firstLayer, Math.Max(0, end - firstLayer)).Select(layer => new PatchSkipLayer(layer))];
    }

    /// <summary>Whether the method has scorers.</summary>
    [JsonIgnore]
    public bool HasScorers => Method is PatchSkipMethod.Learned or PatchSkipMethod.LearnedTopK;

    /// <summary>How a layer skips, or null where it does not.</summary>
    /// <param name="layer">The block's index.</param>
    internal PatchSkipLayer? Of(int layer) => Layers.FirstOrDefault(l => l.Layer == layer);

    /// <summary>Writes this configuration as one line of JSON with camelCase names.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, ModelConfiguration.JsonOptions);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The configuration; <see cref="Validate"/> checks it against a model.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken or has an unknown member.</exception>
    public static PatchSkipConfiguration FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<PatchSkipConfiguration>(json, ModelConfiguration.JsonOptions) ?? throw new InvalidDataException("The configuration of patch skipping is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The configuration of patch skipping is not valid: {e.Message}", e);
        }
    }

    /// <summary>Throws where a model cannot skip like this.</summary>
    /// <param name="model">The model's configuration.</param>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    public void Validate(ModelConfiguration model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var faults = PatchSkipConfigurationCheck.Faults(this, model);
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults));
    }

    /// <inheritdoc/>
    public bool Equals(PatchSkipConfiguration? other) => other is not null && (ReferenceEquals(this, other) || ToJson() == other.ToJson());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Method, Input, ContextAttention, Layers.Count);
}
