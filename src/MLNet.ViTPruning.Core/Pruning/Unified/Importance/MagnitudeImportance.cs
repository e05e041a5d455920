using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
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
        var energies = new ChannelEnergies(model);
        var sums = ChannelGroups.All(model.Configuration, request.Components).Select(group => GroupSums.Of(group)).ToList();
        foreach (var group in sums) energies.Of(group.Component, group.Index).Select(Math.Sqrt).ToArray().CopyTo(group.Even, 0);
        return ScoreTables.Of(Name, model.Configuration, sums, ofImages: false);
    }
}
