using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>Half of a block.</summary>
/// <param name="Block">Index over all blocks of the original model, from 0.</param>
/// <param name="Half">Which half of it.</param>
public sealed record BlockHalfId(int Block, BlockHalf Half)
{
    /// <inheritdoc/>
    public override string ToString() => $"the {(Half == BlockHalf.Attention ? "attention" : "MLP")} of block {Block}";
}

/// <summary>Two consecutive halves that might be removed together, and what that would cost.</summary>
/// <param name="First">The earlier half. Attention: both halves form a block. MLP: what stays around them forms a hybrid block.</param>
/// <param name="Second">The later half, of the other kind and in the same stage.</param>
/// <param name="Divergence">KL(dense || candidate) in nats, summed over the proxy images.</param>
public sealed record DepthCandidate(BlockHalfId First, BlockHalfId Second, double Divergence)
{
    /// <summary>Whether removing it makes a hybrid block: attention of one block, followed by the MLP of a later one.</summary>
    [JsonIgnore]
    public bool LeavesHybrid => First.Half == BlockHalf.Mlp;
}

/// <summary>One step of depth pruning.</summary>
/// <param name="Removed">What was removed: the candidate with the least divergence.</param>
/// <param name="Candidates">All candidates of this step, in the order of the model.</param>
public sealed record DepthRemoval(DepthCandidate Removed, IReadOnlyList<DepthCandidate> Candidates)
{
    /// <summary>Both halves that went.</summary>
    [JsonIgnore]
    public IReadOnlyList<BlockHalfId> Halves => [Removed.First, Removed.Second];
}

/// <summary>Where the halves of a block of the smaller model come from.</summary>
/// <param name="Attention">Block of the original model that the attention half comes from, or null where there is none.</param>
/// <param name="Mlp">The same of the MLP half.</param>
public sealed record BlockOrigin(int? Attention, int? Mlp);

/// <summary>What depth pruning decided: the halves that went, in order, and what the remaining blocks are made of.</summary>
/// <param name="Importance">How candidates were scored: <c>kl</c>.</param>
/// <param name="Images">Number of proxy images.</param>
/// <param name="Removals">The removals, in order.</param>
/// <param name="Blocks">The blocks that remain, all stages in order.</param>
public sealed record DepthPlan(string Importance, int Images, IReadOnlyList<DepthRemoval> Removals, IReadOnlyList<BlockOrigin> Blocks) : IPruningPlan
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
    };

    /// <summary>The method's name in files and reports.</summary>
    public const string MethodName = "depth";

    /// <inheritdoc/>
    [JsonPropertyOrder(-1)]    // what a file is stands at its beginning
    public string Method => MethodName;

    /// <inheritdoc/>
    public string? WeightsHash { get; init; }

    /// <summary>All halves that went, of the original model.</summary>
    [JsonIgnore]
    public IEnumerable<BlockHalfId> RemovedHalves => Removals.SelectMany(removal => removal.Halves);

    /// <inheritdoc/>
    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The plan; <see cref="DepthSurgery"/> checks it against a model.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken or no depth plan.</exception>
    public static DepthPlan FromJson(string json)
    {
        try
        {
            if (!Is(json)) throw new InvalidDataException("The depth plan is not valid: its method is not 'depth'.");
            var plan = JsonSerializer.Deserialize<DepthPlan>(json, JsonOptions);
            return plan is { Importance: not null, Removals: not null, Blocks: not null } ? plan : throw new InvalidDataException("The depth plan lacks importance, removals or blocks.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The depth plan is not valid: {e.Message}", e);
        }
    }

    /// <summary>Whether the plan that a file carries is one of depth pruning.</summary>
    /// <param name="json">The JSON of a plan.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool Is(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("method", out var method)
            && method.ValueKind == JsonValueKind.String && method.GetString() == MethodName;
    }
}
