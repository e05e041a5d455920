using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>The first-order change of the cross-entropy at the true labels when a channel goes, without its sign, image by image. A baseline:
/// it measures the loss on labels, not the model's prediction.</summary>
/// <remarks>Source: Michel et al., "Are Sixteen Heads Really Better than One?" (arXiv:1905.10650), equation 2, with channels in place of heads.</remarks>
public sealed class TaylorImportance : IImportance
{
    /// <inheritdoc/>
    public string Name => "taylor";

    /// <inheritdoc/>
    public ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request)
    {
        var options = request.Options;
        var groups = ChannelGroups.All(model.Configuration, request.Components);
        var file = ScoreFile.Open(model, images, request);
        var part = file.Part(Name, FormattableString.Invariant($"images {images.Count}, batch {options.BatchSize}"), groups);
        var progress = new ScoringProgress(options, images.Count * PassesPerImage);
        if (!part.Complete) Complete(part, model, images, groups, options, file, progress);
        progress.MoveTo(images.Count * PassesPerImage);
        return ScoreTables.Of(Name, model.Configuration, part.Groups);
    }

    private const double PassesPerImage = 4;    // forward, and backward at twice that price with gains

    private void Complete(ScoringPart part, VisionModel model, IProxyImages images, List<ChannelGroup> groups, UnifiedPruningOptions options, ScoreFile file, ScoringProgress progress)
    {
        using var frozen = model.Copy(requiresGrad: false);    // only the gains need a graph, and others may be scoring with the model
        int batchIndex = 0;
        long image = 0;
        foreach (var batch in images.Read(images.Count, options.BatchSize))
        {
            using var tensor = batch.Images;
            file.ThrowIfCancelled(options.CancellationToken);
            if (batch.Labels is null || batch.Labels.Any(label => label < 0))
                throw new ArgumentException("Importance 'taylor' needs the true class of every image: give a label column of the model's classes, or choose fisher.");
            if (batchIndex == 0) progress.Announce(Name, frozen, tensor, groups, images.Count, images.Count * PassesPerImage);
            if (batchIndex++ >= part.Batches)
            {
                using var labels = torch.tensor(batch.Labels.Select(label => (long)label).ToArray(), device: tensor.device);    // [B]
                long first = image;
                GainGradients.Run(frozen, tensor, groups, 1, (logits, _) => logits.log_softmax(-1).gather(1, labels.unsqueeze(1)).sum(),
                    (g, gradient) => GainGradients.Add(part.Groups[g], gradient.abs(), first));
                part.Batches = batchIndex;
                file.SaveSometimes();
            }
            image += tensor.shape[0];
            progress.Advance(tensor.shape[0] * PassesPerImage);
        }
        part.Complete = true;
        file.Save();
    }
}
