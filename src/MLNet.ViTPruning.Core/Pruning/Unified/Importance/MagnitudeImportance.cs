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
        var file = ScoreFile.Open(Name, model, images: null, request.Options.ScoresPath, seed: null);
        var sums = file.Whole(Name, "", ChannelGroups.All(model.Configuration, request.Components), groups => Measure(model, groups));
        return ScoreTables.Of(Name, model.Configuration, sums, ofImages: false);
    }

    private static void Measure(VisionModel model, IReadOnlyList<GroupSums> groups)
    {
        using var noGrad = no_grad();
        var energies = new ChannelEnergies(model);
        foreach (var group in groups) energies.Of(group.Component, group.Index).Select(Math.Sqrt).ToArray().CopyTo(group.Even, 0);
    }
}
