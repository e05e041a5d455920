using System.Text.Json;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>What the removal of dead groups found, as a model's file says it. Constants were folded, so it cannot be applied again.</summary>
/// <param name="Method">Always <see cref="MethodName"/>.</param>
/// <param name="DeadGroups">What went, per block.</param>
public sealed record DeadGroupPlan(string Method, IReadOnlyList<DeadGroupCounts> DeadGroups)
{
    /// <summary>The method's name in plans.</summary>
    public const string MethodName = "dead-groups";

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes the plan as one line of JSON.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <summary>Whether the plan that a file carries is one of dead groups.</summary>
    /// <param name="json">The JSON of a plan.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool Is(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("deadGroups", out _);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken or of another plan.</exception>
    public static DeadGroupPlan FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<DeadGroupPlan>(json, JsonOptions) ?? throw new InvalidDataException("The plan of dead groups is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The plan of dead groups is not valid: {e.Message}", e);
        }
    }
}
