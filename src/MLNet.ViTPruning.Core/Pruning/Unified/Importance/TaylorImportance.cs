using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>The first-order change of the cross-entropy at the true labels when a channel goes, without its sign, image by image. A baseline:
/// it measures the loss on labels, not the model's prediction.</summary>
/// <remarks>Source: Michel et al., "Are Sixteen Heads Really Better than One?" (arXiv:1905.10650), equation 2, with channels in place of heads.</remarks>
public sealed class TaylorImportance : IImportance
{
    private const double Passes = 4;    // forward and backward through the gains, for an image

    /// <inheritdoc/>
    public string Name => "taylor";

    /// <inheritdoc/>
    public ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request)
    {
        var options = request.Options;
        var groups = ChannelGroups.All(model.Configuration, request.Components);
        var scoring = new BatchwiseScoring(Name, FormattableString.Invariant($"images {images.Count}, batch {options.BatchSize}"), Passes);
        var file = ScoreFile.Open(Name, model, images, options.ScoresPath, request.Seed);
        return ScoreTables.Of(Name, model.Configuration, scoring.Run(model, images, request, file, new ScoringProgress(options, images.Count * Passes), batch => ScoreBatch(batch, groups)));
    }

    private static void ScoreBatch(BatchwiseScoring.Batch batch, List<ChannelGroup> groups)
    {
        if (batch.Labels is null || batch.Labels.Any(label => label < 0))
            throw new ArgumentException("Importance 'taylor' needs the true class of every image: give a label column of the model's classes, or choose fisher.");
        using var labels = tensor(batch.Labels.Select(label => (long)label).ToArray(), device: batch.Images.device);    // [B]
        GainGradients.Run(batch.Model, batch.Images, groups, 1, (logits, _) => logits.log_softmax(-1).gather(1, labels.unsqueeze(1)).sum(),
            (g, gradient) => GainGradients.Add(batch.Sums[g], gradient.abs(), batch.FirstImage));
    }
}
