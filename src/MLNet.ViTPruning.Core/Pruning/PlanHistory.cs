using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;

namespace MLNet.ViTPruning.Pruning;

/// <summary>The plans by which a model was pruned, one after the other, as one text that travels with it: the JSON of the last plan, whose
/// <c>before</c> holds the one before in the same way.</summary>
public static class PlanHistory
{
    private const string Before = "before";
    private const int MaxDepth = 1000;    // each pruning is a level

    /// <summary>Adds a plan to those of earlier prunings.</summary>
    /// <param name="earlier">What the model carried so far; <see langword="null"/> where it was not pruned.</param>
    /// <param name="plan">The plan of the last pruning, as JSON.</param>
    /// <returns>What the model carries from now on.</returns>
    /// <exception cref="InvalidDataException">One of them is no JSON object.</exception>
    public static string Append(string? earlier, string plan)
    {
        if (earlier is null) return plan;
        var json = Parse(plan);
        json[Before] = Parse(earlier);
        return json.ToJsonString();
    }

    /// <summary>A plan, or all of them, for people and for line by line comparison: every list of indices is a line.</summary>
    /// <param name="json">What <see cref="Append"/> or a plan's <c>ToJson</c> wrote.</param>
    /// <returns>The same JSON on many lines; <see cref="FromJson"/> reads it too.</returns>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public static string Format(string json) => ReadableJson.Of(Parse(json));

    /// <summary>Says before any work that nothing could be added.</summary>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    internal static void Check(string? earlier)
    {
        if (earlier is not null) Parse(earlier);
    }

    /// <summary>Reads all plans.</summary>
    /// <param name="json">What <see cref="Append"/> or a plan's <c>ToJson</c> wrote.</param>
    /// <returns>The plans in the order in which they were carried out, at least one.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken, or a plan is of a kind that cannot be carried out again.</exception>
    public static IReadOnlyList<IPruningPlan> FromJson(string json)
    {
        var plans = new List<IPruningPlan>();
        foreach (string text in FromLast(json))
        {
            if (DeadGroupPlan.Is(text)) throw new InvalidDataException("The pruning plan lists dead groups, which cannot be applied: remove them anew.");
            if (WeightPlan.Is(text)) throw new InvalidDataException("The pruning plan is one of masked weights, which are in the model's own file.");
            plans.Insert(0, DepthPlan.Is(text) ? DepthPlan.FromJson(text) : PruningPlan.FromJson(text));
        }
        return plans;
    }

    /// <summary>The plans that a model has still to go through to become what the last of them made.</summary>
    /// <param name="plans">Plans, each made for what the one before gives.</param>
    /// <param name="model">The model.</param>
    /// <returns>The plans from the first one on that was made for the model's weights. A single plan is not checked: carrying it out does.</returns>
    /// <exception cref="ArgumentException">None was made for these weights.</exception>
    public static IReadOnlyList<IPruningPlan> From(this IReadOnlyList<IPruningPlan> plans, VisionModel model)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(model);
        if (plans.Count < 2) return plans;
        string hash = WeightsHash.Of(model);
        for (int i = 0; i < plans.Count; i++)
            if (plans[i].WeightsHash is not { } wanted || wanted == hash) return [.. plans.Skip(i)];
        throw new ArgumentException($"None of the {plans.Count} pruning plans was made for these weights: give the model that was pruned, or prune this one anew.", nameof(model));
    }

    /// <summary>Where the blocks of a model without some of its first blocks come from.</summary>
    /// <param name="json">All plans.</param>
    /// <returns>For each block, the block of the first model that its last half comes from, of an empty one the same as of the block before (-1 where there is
    /// none), ascending; <see langword="null"/> where no plan removed blocks.</returns>
    /// <exception cref="InvalidDataException">The JSON is broken.</exception>
    internal static IReadOnlyList<int>? BlockOrigins(string json)
    {
        IReadOnlyList<int>? origins = null;
        foreach (string text in FromLast(json).Where(DepthPlan.Is))
        {
            int last = -1;
            int[] own = [.. DepthPlan.FromJson(text).Blocks.Select(block => last = block.Mlp ?? block.Attention ?? last)];
            origins = origins is null ? own : [.. origins.Select(block => own[block])];
        }
        return origins;
    }

    /// <summary>Each plan's own JSON, the last one first.</summary>
    private static IEnumerable<string> FromLast(string json)
    {
        for (var next = Parse(json); next is not null;)
        {
            var before = next[Before];
            next.Remove(Before);
            yield return next.ToJsonString();
            next = before is null ? null : before as JsonObject ?? throw new InvalidDataException("The pruning plan is not valid: what stands before it is no plan.");
        }
    }

    private static JsonObject Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth }) as JsonObject ?? throw new InvalidDataException("The pruning plan is not valid: it is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The pruning plan is not valid: {e.Message}", e);
        }
    }
}
