using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>What was dead in a block.</summary>
/// <param name="Block">Index over all blocks, from 0.</param>
/// <param name="Heads">Whole heads that went.</param>
/// <param name="AttentionChannels">Channels that went from the heads that stay, all heads together.</param>
/// <param name="MlpChannels">Hidden channels that went.</param>
public sealed record DeadGroupCounts(int Block, int Heads, int AttentionChannels, int MlpChannels);

/// <summary>A model without its dead groups.</summary>
/// <param name="Model">The model, owned by the receiver.</param>
/// <param name="Blocks">What went, per block.</param>
public sealed record DeadGroupRemoval(VisionModel Model, IReadOnlyList<DeadGroupCounts> Blocks);

/// <summary>Removes what masks of single weights left without effect. The smaller model computes the same.</summary>
/// <remarks>An MLP channel goes where nothing reads it (a column of zeros in fc2), or where its input is zero and it therefore has the same value for
/// every token, which goes into fc2's bias: GELU of fc1's bias, in PVTv2 of the depth-wise convolution's. A head goes where none of its values tells tokens
/// apart: their weights are zeros, so that attention passes on their bias as it is, which goes into the output projection's bias, or nothing reads them.
/// From the other heads go pairs of such a value channel and of a query and key channel that changes no attention: its key is the same for
/// every token, or its query is zero. All heads of a block keep equally many channels, and at least one head and one channel stay.</remarks>
public static class DeadGroups
{
    /// <summary>Removes all dead groups.</summary>
    /// <param name="model">The model; read, not changed.</param>
    /// <returns>A model in eval mode of the same type and precision on the same device, and what went.</returns>
    public static DeadGroupRemoval Remove(VisionModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGrad = no_grad();
        var configuration = model.Configuration;
        var weights = model.state_dict();
        var living = configuration.Blocks.Zip(BlockKeys.Prefixes(configuration), (block, prefix) => LivingChannels.Find(block, weights, prefix)).ToList();
        var slices = new Dictionary<string, Func<Tensor, Tensor>>();
        foreach (var block in living) block.AddSlices(slices);
        int next = 0;
        var rest = configuration with
        {
            Stages = [.. configuration.Stages.Select(stage => stage with { Blocks = [.. stage.Blocks.Select(_ => living[next++].Size)] })],
        };
        var smaller = model.Derive(rest, (name, weight) => slices.TryGetValue(name, out var slice) ? slice(weight) : weight);
        smaller.Precision = model.Precision;
        return new DeadGroupRemoval(smaller, [.. living.Select((block, i) => block.Counts(i))]);
    }
}
