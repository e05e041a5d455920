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
        var file = ScoreFile.Open(Name, model, images: null, request.Options.ScoresPath, request.Seed);
        // Components take their draws one after the other, so that fewer of them have others.
        var part = file.Whole(Name, string.Join(", ", request.Components), ChannelGroups.All(model.Configuration, request.Components), groups =>
        {
            var random = new Random((int)request.Seed);
            foreach (var group in groups)
                for (int c = 0; c < group.Even.Length; c++) group.Even[c] = random.NextDouble();
        });
        return ScoreTables.Of(Name, model.Configuration, part, ofImages: false);
    }
}
