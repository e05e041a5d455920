using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>What one tensor lost.</summary>
/// <param name="Name">Its state-dict key.</param>
/// <param name="Module">Its module.</param>
/// <param name="Weights">Number of its weights.</param>
/// <param name="Removed">How many of them are masked.</param>
/// <param name="Threshold">The highest score that went of those it was ranked with, or null where nothing did.</param>
public sealed record TensorSparsity(string Name, WeightModule Module, long Weights, long Removed, double? Threshold);

/// <summary>What one module lost.</summary>
/// <param name="Module">The module.</param>
/// <param name="Weights">Number of its weights.</param>
/// <param name="Removed">How many of them are masked.</param>
/// <param name="Threshold">The highest score that went; null where the module's tensors have several, or nothing went.</param>
public sealed record ModuleSparsity(WeightModule Module, long Weights, long Removed, double? Threshold);

/// <summary>What pruning of single weights decided. The weights themselves are in the model's masks.</summary>
/// <param name="Method"><c>dimap</c> or <c>magnitude</c>.</param>
/// <param name="Scope">Which weights were ranked together: <c>module</c> or <c>model</c>, <c>uniform</c> or <c>global</c>.</param>
/// <param name="Tensors">The tensors that could lose weights, in the order of the layers.</param>
public sealed record WeightPlan(string Method, string Scope, IReadOnlyList<TensorSparsity> Tensors)
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Number of weights that could go.</summary>
    [JsonIgnore]
    public long Weights => Tensors.Sum(tensor => tensor.Weights);

    /// <summary>Number of weights that are masked.</summary>
    [JsonIgnore]
    public long Removed => Tensors.Sum(tensor => tensor.Removed);

    /// <summary>The same by module, in the order query-key-value, projection, MLP.</summary>
    [JsonIgnore]
    public IReadOnlyList<ModuleSparsity> Modules =>
    [
        .. Tensors.GroupBy(tensor => tensor.Module).OrderBy(module => module.Key).Select(module => new ModuleSparsity(
            module.Key, module.Sum(tensor => tensor.Weights), module.Sum(tensor => tensor.Removed),
            module.Select(tensor => tensor.Threshold).Distinct().ToList() is [var only] ? only : null)),
    ];

    /// <summary>Multiply-adds as the publication counts them: as if every tensor of a module had lost the module's share. What is really left, layer by
    /// layer, tells <see cref="ModelSize.NonzeroMacs"/>; it is more, since late layers lose most weights and early ones have most uses.</summary>
    /// <param name="configuration">The model that was pruned.</param>
    /// <returns>Their number, rounded.</returns>
    public long NominalMacs(ModelConfiguration configuration)
    {
        var uses = WeightUses.Of(configuration);
        double removed = Modules.Sum(module => (double)module.Removed / module.Weights * Tensors.Where(tensor => tensor.Module == module.Module).Sum(tensor => (double)uses[tensor.Name] * tensor.Weights));
        return (long)Math.Round(ModelSize.Of(configuration).Macs - removed);
    }

    /// <summary>Whether the plan that a file carries is one of single weights.</summary>
    /// <param name="json">The JSON of a plan.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool Is(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("tensors", out _);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken or no plan of single weights.</exception>
    public static WeightPlan FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<WeightPlan>(json, JsonOptions) ?? throw new InvalidDataException("The plan of weights is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The plan of weights is not valid: {e.Message}", e);
        }
    }

    /// <summary>Writes the plan as one line of JSON.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);
}
