using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>Builds the shallower model without some halves of blocks.</summary>
/// <remarks>What remains computes exactly what the model would with those halves skipped. A plain ViT gets one block for each
/// attention half that remains, hybrid where its halves come from different blocks. Swin keeps an empty block
/// (<c>heads</c>, <c>headDim</c> and <c>mlpHiddenDim</c> 0) where the shift of windows would otherwise change.</remarks>
public static class DepthSurgery
{
    /// <summary>Removes halves of blocks.</summary>
    /// <param name="model">The model; it is read, not changed.</param>
    /// <param name="removed">The halves to remove.</param>
    /// <returns>A new model in eval mode of the same type and precision on the same device, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The model has no such half, or a stage would be left without attention; all faults in one message.</exception>
    public static VisionModel Remove(VisionModel model, IEnumerable<BlockHalfId> removed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(removed);
        return Build(model, BlocksWithout(model.Configuration, [.. removed]));
    }

    /// <summary>Removes what a plan says.</summary>
    /// <param name="model">The model that the plan was made for; it is read, not changed.</param>
    /// <param name="plan">The plan. What was trained between removals is not part of it.</param>
    /// <returns>A new model in eval mode of the same type and precision on the same device, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The plan does not fit the model, or was made for other weights.</exception>
    public static VisionModel Apply(VisionModel model, DepthPlan plan)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plan);
        var blocks = BlocksWithout(model.Configuration, [.. plan.RemovedHalves]);
        if (!blocks.SelectMany(stage => stage).SequenceEqual(plan.Blocks))
            throw new ArgumentException("The depth plan contradicts itself: its blocks are not what its removals leave of this model.", nameof(plan));
        plan.ThrowIfForOtherWeights(model);
        return Build(model, blocks);
    }

    /// <summary>The blocks of each stage after a removal.</summary>
    internal static List<List<BlockOrigin>> BlocksWithout(ModelConfiguration configuration, IReadOnlyCollection<BlockHalfId> removed)
    {
        var halves = ModelSteps.Of(configuration).Where(step => step.Half is not null).ToList();
        var faults = new List<string>();
        var gone = new HashSet<BlockHalfId>();
        foreach (var half in removed)
        {
            if (!halves.Exists(step => step.Block == half.Block && step.Half == half.Half)) faults.Add($"The model has not {half}.");
            else if (!gone.Add(half)) faults.Add($"The list has {half} twice.");
        }
        var stages = new List<List<BlockOrigin>>();
        for (int s = 0; s < configuration.Stages.Count; s++)
        {
            var stage = halves.FindAll(step => step.Stage == s);
            var rest = stage.FindAll(step => !gone.Contains(new BlockHalfId(step.Block, step.Half!.Value)));
            if (rest.Count < stage.Count && !rest.Exists(step => step.Half == BlockHalf.Attention))
                faults.Add($"Stage {s} would be left without attention; its tokens could not see each other.");
            stages.Add(rest.Count == stage.Count ? Unchanged(configuration, s) : BlockPacking.Pack(configuration, s, rest));
        }
        return faults.Count == 0 ? stages : throw new ArgumentException("These halves cannot be removed: " + string.Join(" ", faults), nameof(removed));
    }

    /// <summary>The structure of the model that given blocks make.</summary>
    internal static ModelConfiguration Structure(ModelConfiguration configuration, IReadOnlyList<IReadOnlyList<BlockOrigin>> stages)
    {
        var blocks = configuration.Blocks.ToList();
        BlockConfiguration Of(BlockOrigin origin) => new(
            origin.Attention is { } a ? blocks[a].Heads : 0, origin.Attention is { } b ? blocks[b].HeadDim : 0, origin.Mlp is { } m ? blocks[m].MlpHiddenDim : 0);
        return configuration with { Stages = [.. configuration.Stages.Zip(stages, (stage, origins) => stage with { Blocks = [.. origins.Select(Of)] })] };
    }

    private static List<BlockOrigin> Unchanged(ModelConfiguration configuration, int stage)
    {
        int first = configuration.FirstBlockOf(stage);
        return [.. configuration.Stages[stage].Blocks.Select((block, i) => new BlockOrigin(block.HasAttention ? first + i : null, block.HasMlp ? first + i : null))];
    }

    private static VisionModel Build(VisionModel model, List<List<BlockOrigin>> stages)
    {
        var configuration = model.Configuration;
        var sources = new Dictionary<string, string>();    // prefix of a half's keys in the new model, and in the old
        var places = BlockKeys.Prefixes(configuration);
        for (int s = 0; s < stages.Count; s++)
        {
            for (int i = 0; i < stages[s].Count; i++)
            {
                var prefix = BlockKeys.Prefix(configuration.Family, s, i);
                foreach (var part in (string[])["norm1", "attn", "ls1"]) if (stages[s][i].Attention is { } a) sources[$"{prefix}.{part}"] = $"{places[a]}.{part}";
                foreach (var part in (string[])["norm2", "mlp", "ls2"]) if (stages[s][i].Mlp is { } m) sources[$"{prefix}.{part}"] = $"{places[m]}.{part}";
            }
        }
        var result = VisionModel.CreateFilled(Structure(configuration, stages), smaller =>
        {
            var weights = model.state_dict();
            smaller.to(weights.Values.First().device);
            smaller.to(weights.Values.First().dtype);
            using var scope = NewDisposeScope();    // opened after the moves, whose parameters must outlive it
            var masks = new Dictionary<string, Tensor>();
            foreach (var (name, target) in smaller.state_dict())
            {
                var source = SourceOf(name, sources);
                target.copy_(weights[source]);
                if (model.WeightMasks.TryGetValue(source, out var mask)) masks[name] = mask;
            }
            smaller.SetWeightMasks(masks);
        });
        result.Precision = model.Precision;
        return result;
    }

    private static string SourceOf(string name, Dictionary<string, string> sources)
    {
        if (BlockKeys.SplitAfterHalf(name) is not { } split) return name;    // not in a block
        return sources[name[..split]] + name[split..];
    }
}
