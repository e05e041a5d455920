using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>DIMAP's relative distortion of groups of weights that are removed together.</summary>
/// <remarks>The energy of a group is the sum of the squares of its matrix entries and biases: an MLP channel's row of fc1 and column of fc2 (in PVTv2
/// also its depth-wise kernel), an attention channel's rows of query, key and value and column of the output projection, a head's channels together.
/// A bias counts as one more entry of its row. A head's column of the relative position biases goes with the head but does not count: it multiplies
/// no activation, and its length depends on the window and not on the width, which would treat stages differently.</remarks>
public static class GroupDistortion
{
    /// <summary>The scores' name in plans.</summary>
    public const string Name = "relative-distortion";

    /// <summary>Scores every MLP channel, and every attention channel or head.</summary>
    /// <param name="model">The model; read, not changed.</param>
    /// <param name="unit">What is removed from attention. A head's score stands at each of its channels.</param>
    /// <returns>Scores in [0, 1]; the largest group of a block has 1 unless all of the block's are zero. Within one kind of group those of all
    /// blocks are on one scale.</returns>
    /// <exception cref="InvalidOperationException">A weight is not finite.</exception>
    public static ChannelScores Score(VisionModel model, AttentionUnit unit = AttentionUnit.Channels)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGrad = no_grad();
        var energies = new ChannelEnergies(model);
        var blocks = model.Configuration.Blocks.ToList();
        double[] Attention(int block, int headDim)
        {
            double[] channels = energies.Of(PruningComponent.Attention, block);
            return unit == AttentionUnit.Channels ? Scores(channels, block)
                : [.. Scores([.. channels.Chunk(headDim).Select(head => head.Sum())], block).SelectMany(score => Enumerable.Repeat(score, headDim))];
        }
        return new ChannelScores(Name,
            [.. blocks.Select((block, i) => block.HasAttention ? Attention(i, block.HeadDim) : [])],
            [.. blocks.Select((block, i) => block.HasMlp ? Scores(energies.Of(PruningComponent.Mlp, i), i) : [])]);
    }

    private static double[] Scores(double[] energies, int block) => energies.All(double.IsFinite) ? RelativeDistortion.Of(energies)
        : throw new InvalidOperationException($"Weights of block {block} are not finite: the model is broken.");
}
