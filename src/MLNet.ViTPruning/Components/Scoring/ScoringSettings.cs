using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Components;

/// <summary>How a scoring stage reads and writes rows; saved with it.</summary>
internal sealed record ScoringSettings
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
    };

    public required string ImageColumnName { get; init; }

    public required string ScoreColumnName { get; init; }

    public required string PredictedLabelColumnName { get; init; }

    public required int BatchSize { get; init; }

    public required ComputePrecision Precision { get; init; }

    /// <summary>Further columns of a stage that skips patches; null for another stage.</summary>
    public SkipColumns? SkipColumns { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    public static ScoringSettings FromJson(string json)
    {
        try
        {
            var settings = JsonSerializer.Deserialize<ScoringSettings>(json, JsonOptions) ?? throw new InvalidDataException("The scoring settings are empty.");
            return settings.BatchSize > 0 && Enum.IsDefined(settings.Precision) ? settings : throw new InvalidDataException($"The scoring settings are not valid: {json}");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The scoring settings are not valid: {e.Message}", e);
        }
    }
}
