using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Scores by chance. A baseline.</summary>
public sealed class RandomImportance : IImportance
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request)
    {
        var random = new Random((int)request.Seed);
        var sums = ChannelGroups.All(model.Configuration, request.Components).Select(group => GroupSums.Of(group)).ToList();
        foreach (var group in sums)
            for (int c = 0; c < group.Even.Length; c++) group.Even[c] = random.NextDouble();
        return ScoreTables.Of(Name, model.Configuration, sums, ofImages: false);
    }
}
