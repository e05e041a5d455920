using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Surgery;

/// <summary>The energy of a model's channels: the sum of the squares of all matrix entries and biases that go with each, in float64.</summary>
/// <remarks>A bias counts as one more entry of its row. What multiplies no activation does not count, though it may go along: norms,
/// LayerScale gains, relative position biases.</remarks>
internal sealed class ChannelEnergies(VisionModel model)
{
    private readonly Dictionary<string, Tensor> _weights = model.state_dict();

    /// <summary>The energy of every channel of a group.</summary>
    /// <param name="component">The kind of channels.</param>
    /// <param name="index">Their stage or block.</param>
    public double[] Of(PruningComponent component, int index)
    {
        using var scope = NewDisposeScope();
        var places = Places(model.Configuration, component, index).Where(place => _weights.ContainsKey(place.Name));
        var energies = places.Select(place => SumOfSquares(_weights[place.Name], place)).Aggregate((sum, squares) => sum + squares);    // [channels]
        using var values = energies.data<double>();
        return values.ToArray();
    }

    private static IEnumerable<TensorPlace> Places(ModelConfiguration configuration, PruningComponent component, int index)
    {
        if (component == PruningComponent.Embed) return ResidualSlices.Places(configuration, index).Where(place => !place.IsVector);
        var prefix = BlockNames.Prefix(configuration, index);
        return component == PruningComponent.Attention
            ? [new(prefix + ".attn.qkv.weight", 0, 3), new(prefix + ".attn.qkv.bias", 0, 3), new(prefix + ".attn.q.weight", 0), new(prefix + ".attn.q.bias", 0),
                new(prefix + ".attn.kv.weight", 0, 2), new(prefix + ".attn.kv.bias", 0, 2), new(prefix + ".attn.proj.weight", 1)]
            : [new(prefix + ".mlp.fc1.weight", 0), new(prefix + ".mlp.fc1.bias", 0), new(prefix + ".mlp.dwconv.weight", 0), new(prefix + ".mlp.dwconv.bias", 0), new(prefix + ".mlp.fc2.weight", 1)];
    }

    private static Tensor SumOfSquares(Tensor weight, TensorPlace place)
    {
        var squares = weight.detach().to(float64).cpu().square();
        var rows = squares.ndim == 1 ? squares.unsqueeze(1) : squares.movedim([place.Dimension], [0]).flatten(1);    // [parts * channels, others]
        return rows.sum([1]).view(place.Parts, -1).sum([0]);                                                         // [channels]
    }
}
