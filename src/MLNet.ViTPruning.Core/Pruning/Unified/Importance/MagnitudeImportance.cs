using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>The Euclidean norm of all matrix entries and biases that go with a channel. A baseline; it needs no images.</summary>
/// <remarks>Source: Li et al., "Pruning Filters for Efficient ConvNets" (arXiv:1608.08710), over whole groups of coupled weights. Norms and
/// LayerScale gains do not count.</remarks>
public sealed class MagnitudeImportance : IImportance
{
    /// <inheritdoc/>
    public string Name => "magnitude";

    /// <inheritdoc/>
    public ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request)
    {
        using var noGrad = no_grad();
        var weights = model.state_dict();
        var sums = ChannelGroups.All(model.Configuration, request.Components).Select(group => GroupSums.Of(group)).ToList();
        foreach (var group in sums)
        {
            using var scope = NewDisposeScope();
            var squares = zeros(group.Channels.Length, dtype: float64);    // [channels]
            foreach (var place in Places(model.Configuration, group))
                if (weights.TryGetValue(place.Name, out var weight)) squares.add_(SumOfSquares(weight, place));
            using var norms = squares.sqrt().data<double>();
            norms.ToArray().CopyTo(group.Even, 0);
        }
        return ScoreTables.Of(Name, model.Configuration, sums, ofImages: false);
    }

    private static IEnumerable<TensorPlace> Places(ModelConfiguration configuration, GroupSums group)
    {
        if (group.Component == PruningComponent.Embed) return ResidualSlices.Places(configuration, group.Index).Where(place => !place.IsVector);
        var prefix = BlockNames.Prefix(configuration, group.Index);
        return group.Component == PruningComponent.Attention
            ? [new(prefix + ".attn.qkv.weight", 0, 3), new(prefix + ".attn.qkv.bias", 0, 3), new(prefix + ".attn.q.weight", 0), new(prefix + ".attn.q.bias", 0),
                new(prefix + ".attn.kv.weight", 0, 2), new(prefix + ".attn.kv.bias", 0, 2), new(prefix + ".attn.proj.weight", 1)]
            : [new(prefix + ".mlp.fc1.weight", 0), new(prefix + ".mlp.fc1.bias", 0), new(prefix + ".mlp.dwconv.weight", 0), new(prefix + ".mlp.dwconv.bias", 0), new(prefix + ".mlp.fc2.weight", 1)];
    }

    private static Tensor SumOfSquares(Tensor weight, TensorPlace place)
    {
        var squares = weight.to(float64).cpu().square();
        var rows = squares.ndim == 1 ? squares.unsqueeze(1) : squares.movedim([place.Dimension], [0]).flatten(1);    // [parts * channels, others]
        return rows.sum([1]).view(place.Parts, -1).sum([0]);                                                         // [channels]
    }
}
