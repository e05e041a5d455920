using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Surgery;

/// <summary>Builds the physically smaller model that a plan describes.</summary>
/// <remarks>Sources: UP-ViTs (Yu and Wu, SCIS 2023) for the channels that go together and the merging of consecutive heads. Whole heads go with
/// their rows of query, key and value, their columns of the output projection and, in Swin, their column of the relative position biases.
/// Every model scales its softmax by <c>headDim^-0.5</c>, so slicing multiplies the query weights and bias by
/// <c>sqrt(headDim_new) * headDim_old^-0.5</c>: the kept logits stay what they were.</remarks>
public static class ModelSlicer
{
    /// <summary>Slices a model.</summary>
    /// <param name="model">The model; it is read, not changed.</param>
    /// <param name="plan">What stays.</param>
    /// <returns>A new model in eval mode of the same type on the same device, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The plan does not fit the model, or was made for other weights.</exception>
    public static VisionModel Slice(VisionModel model, PruningPlan plan)
    {
        var configuration = model.Configuration;
        plan.Validate(configuration);
        plan.ThrowIfForOtherWeights(model);
        var slices = SlicedTensors(configuration, plan);
        if (plan.Embed is not null) ResidualSlices.Add(slices, configuration, plan.Embed);
        var sliced = model.Derive(Describe(configuration, plan), (name, weight) => slices.TryGetValue(name, out var slice) ? slice(weight) : weight);
        sliced.Precision = model.Precision;
        return sliced;
    }

    /// <summary>The configuration of the model that a plan leaves.</summary>
    /// <param name="configuration">The model before.</param>
    /// <param name="plan">What stays.</param>
    /// <returns>The configuration after.</returns>
    /// <exception cref="ArgumentException">The plan does not fit the configuration.</exception>
    public static ModelConfiguration Describe(ModelConfiguration configuration, PruningPlan plan)
    {
        plan.Validate(configuration);
        int next = 0;
        return configuration with
        {
            Stages = [.. configuration.Stages.Select((stage, s) => new StageConfiguration(plan.Embed?[s].Count ?? stage.EmbedDim,
                [.. stage.Blocks.Select(_ => plan.Blocks[next++].Result)]))],
        };
    }

    /// <summary>The tensors that change, by their state-dict key, each with the function that slices it.</summary>
    private static Dictionary<string, Func<Tensor, Tensor>> SlicedTensors(ModelConfiguration configuration, PruningPlan plan)
    {
        var slices = new Dictionary<string, Func<Tensor, Tensor>>();
        int index = 0;
        for (int s = 0; s < configuration.Stages.Count; s++)
        {
            for (int i = 0; i < configuration.Stages[s].Blocks.Count; i++, index++)
            {
                var prefix = BlockNames.Prefix(configuration, index);
                var (old, kept) = (configuration.Stages[s].Blocks[i], plan.Blocks[index]);
                if (old.HasAttention) AddAttention(slices, prefix + ".attn", old, kept);
                if (old.HasMlp) AddMlp(slices, prefix + ".mlp", kept.MlpChannels);
            }
        }
        return slices;
    }

    private static void AddAttention(Dictionary<string, Func<Tensor, Tensor>> slices, string prefix, BlockConfiguration old, BlockPlan kept)
    {
        int width = old.AttentionDim;
        double queryFactor = Math.Sqrt((double)kept.Result.HeadDim / old.HeadDim);
        int[] Rows(int parts) => [.. Enumerable.Range(0, parts).SelectMany(part => kept.AttentionChannels.Select(c => part * width + c))];

        Tensor WithQuery(Tensor weight, int[] rows)
        {
            var sliced = Select(weight, 0, rows);                                 // [parts * kept, C] or [parts * kept]
            if (queryFactor != 1) sliced.narrow(0, 0, kept.AttentionChannels.Count).mul_(queryFactor);
            return sliced;
        }
        foreach (var kind in (string[])["weight", "bias"])
        {
            slices[$"{prefix}.qkv.{kind}"] = qkv => WithQuery(qkv, Rows(3));
            slices[$"{prefix}.q.{kind}"] = query => WithQuery(query, Rows(1));                // PVTv2 has these two instead
            slices[$"{prefix}.kv.{kind}"] = keyValue => Select(keyValue, 0, Rows(2));         // [2 * kept, C] or [2 * kept]
        }
        slices[prefix + ".proj.weight"] = proj => Select(proj, 1, kept.AttentionChannels);    // [C, kept]
        // The logits of merged heads add, and so do their position biases. A head that goes takes its column along.
        slices[prefix + ".relative_position_bias_table"] = table => kept.KeptHeads is { } heads
            ? Select(table, 1, heads)
            : table.reshape(table.shape[0], kept.Heads, -1).sum(-1);                           // [positions, heads]
    }

    private static void AddMlp(Dictionary<string, Func<Tensor, Tensor>> slices, string prefix, IReadOnlyList<int> kept)
    {
        slices[prefix + ".fc1.weight"] = weight => Select(weight, 0, kept);        // [kept, C]
        slices[prefix + ".fc1.bias"] = bias => Select(bias, 0, kept);              // [kept]
        slices[prefix + ".dwconv.weight"] = weight => Select(weight, 0, kept);     // [kept, 1, 3, 3]
        slices[prefix + ".dwconv.bias"] = bias => Select(bias, 0, kept);           // [kept]
        slices[prefix + ".fc2.weight"] = weight => Select(weight, 1, kept);        // [C, kept]
    }

    internal static Tensor Select(Tensor source, long dimension, IReadOnlyList<int> indices) =>
        source.index_select(dimension, tensor(indices.Select(i => (long)i).ToArray(), device: source.device));
}
