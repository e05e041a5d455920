using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning;

/// <summary>Which channels of one block stay.</summary>
/// <param name="Heads">Attention heads after merging; divides the block's present heads, or counts <see cref="KeptHeads"/>. 0 where the
/// block has no attention.</param>
/// <param name="AttentionChannels">Channels of query, key and value that stay, ascending indices into
/// <c>[0, heads * headDim)</c>; every head that stays, after merging, keeps equally many.</param>
/// <param name="MlpChannels">Hidden channels of the MLP that stay, ascending.</param>
public sealed record BlockPlan(int Heads, IReadOnlyList<int> AttentionChannels, IReadOnlyList<int> MlpChannels)
{
    /// <summary>Heads that stay where whole heads go, ascending; none of them is merged. <see langword="null"/> where all stay, or merge into
    /// <see cref="Heads"/>.</summary>
    public IReadOnlyList<int>? KeptHeads { get; init; }

    /// <summary>The block's sizes after this plan.</summary>
    [JsonIgnore]
    public BlockConfiguration Result => new(Heads, Heads == 0 ? 0 : AttentionChannels.Count / Heads, MlpChannels.Count);
}

/// <summary>Where the scores of a plan come from.</summary>
public sealed record ScoreSource
{
    /// <summary>Images that channels were scored on; <see langword="null"/> where none were looked at.</summary>
    public int? ProxyImages { get; init; }

    /// <summary>Tells these images from others, as in a file of scores.</summary>
    public string? Images { get; init; }

    /// <summary>Seed of all draws.</summary>
    public long? Seed { get; init; }

    /// <summary>Labels drawn per image for the Fisher estimate.</summary>
    public int? FisherDraws { get; init; }

    /// <summary>Images of the exact scores.</summary>
    public int? ExactImages { get; init; }

    /// <summary>Channels with exact scores.</summary>
    public int? ExactChannels { get; init; }
}

/// <summary>What pruning decided: the channels that stay. It can be read, compared and applied again to the same weights.</summary>
/// <param name="Method">The method's name, for example <c>unified</c>.</param>
/// <param name="Importance">How channels were scored, for example <c>fisher</c>.</param>
/// <param name="Blocks">One entry per block, all stages in order.</param>
public sealed record PruningPlan(string Method, string Importance, IReadOnlyList<BlockPlan> Blocks) : IPruningPlan
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Channels of the residual stream that stay, ascending, one list per stage. <see langword="null"/> keeps all.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Embed { get; init; }

    /// <inheritdoc/>
    public string? WeightsHash { get; init; }

    /// <summary>What <see cref="Importance"/> looked at, for the record; applying the plan again does not need it.</summary>
    public ScoreSource? Scores { get; init; }

    /// <inheritdoc/>
    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The plan; <see cref="Validate"/> checks it against a model.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken.</exception>
    public static PruningPlan FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<PruningPlan>(json, JsonOptions) ?? throw new InvalidDataException("The pruning plan is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The pruning plan is not valid: {e.Message}", e);
        }
    }

    /// <summary>Checks that this plan fits a model.</summary>
    /// <param name="configuration">The model's configuration before pruning.</param>
    /// <exception cref="ArgumentException">It does not; all faults in one message.</exception>
    public void Validate(ModelConfiguration configuration)
    {
        var faults = new List<string>();
        var blocks = configuration.Blocks.ToList();
        if (blocks.Count != Blocks.Count) faults.Add($"the plan has {Blocks.Count} blocks; the model has {blocks.Count}.");
        for (int i = 0; i < Math.Min(blocks.Count, Blocks.Count); i++)
        {
            var (block, plan) = (blocks[i], Blocks[i]);
            if (!IsSubset(plan.AttentionChannels, block.AttentionDim)) faults.Add($"block {i}: attentionChannels must be ascending indices below {block.AttentionDim}.");
            if (!IsSubset(plan.MlpChannels, block.MlpHiddenDim)) faults.Add($"block {i}: mlpChannels must be ascending indices below {block.MlpHiddenDim}.");
            if (block.HasMlp && plan.MlpChannels.Count == 0) faults.Add($"block {i}: mlpChannels is empty; keep at least one.");
            if (block.HasAttention) AddHeadFaults(faults, i, block, plan);
            else if (plan.Heads != 0 || plan.KeptHeads is not null) faults.Add($"block {i}: heads is {plan.Heads}; the block has no attention.");
        }
        AddEmbedFaults(faults, configuration.Stages);
        if (faults.Count > 0) throw new ArgumentException("The pruning plan does not fit the model: " + string.Join(" ", faults));
    }

    private void AddEmbedFaults(List<string> faults, IReadOnlyList<StageConfiguration> stages)
    {
        if (Embed is null) return;
        if (Embed.Count != stages.Count) faults.Add($"embed has {Embed.Count} lists; the model has {stages.Count} stages.");
        for (int s = 0; s < Math.Min(Embed.Count, stages.Count); s++)
            if (Embed[s].Count == 0 || !IsSubset(Embed[s], stages[s].EmbedDim)) faults.Add($"stage {s}: embed must be ascending indices below {stages[s].EmbedDim}, at least one.");
    }

    private static void AddHeadFaults(List<string> faults, int i, BlockConfiguration block, BlockPlan plan)
    {
        if (plan.KeptHeads is { } kept ? kept.Count == 0 || kept.Count != plan.Heads || !IsSubset(kept, block.Heads) : plan.Heads < 1 || block.Heads % plan.Heads != 0)
        {
            faults.Add(plan.KeptHeads is null
                ? $"block {i}: heads is {plan.Heads}; it must divide the block's {block.Heads}."
                : $"block {i}: keptHeads must be ascending indices below {block.Heads}, at least one and as many as heads ({plan.Heads}).");
            return;
        }
        var heads = plan.KeptHeads ?? [.. Enumerable.Range(0, plan.Heads)];
        int width = block.AttentionDim / (plan.KeptHeads is null ? plan.Heads : block.Heads);
        var perHead = plan.AttentionChannels.CountBy(channel => channel / width).ToList();
        if (!perHead.Select(head => head.Key).SequenceEqual(heads) || perHead.Select(head => head.Value).Distinct().Count() != 1)
            faults.Add($"block {i}: the {plan.Heads} heads keep {string.Join(", ", perHead.Select(head => head.Value))} channels; each must keep equally many, at least one"
                + (plan.KeptHeads is null ? "." : ", and the others none."));
    }

    private static bool IsSubset(IReadOnlyList<int> indices, int count) =>
        indices.All(index => index >= 0 && index < count) && indices.Zip(indices.Skip(1)).All(pair => pair.First < pair.Second);
}
