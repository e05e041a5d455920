using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Estimates the KL divergence that removing each channel would cause, all channels from one pass.</summary>
/// <remarks>With a gain m on a channel, KL(q || p_m) and its gradient vanish at m = 1, so that to second order removing the
/// channel costs ½ E_{y~q}[(∂ log p(y|x) / ∂m)²] per image: the per-image Fisher information of the gain. Labels are drawn
/// from the model's own prediction, gradients are squared per image and only then summed. The gain of a residual channel stands in every
/// LayerNorm, which weighs its mean and variance by it. fp32 passes, sums in double:
/// typical values (1e-7 to 1e-5 nats per image) drown in half precision.</remarks>
public sealed class FisherImportance : IImportance
{
    /// <summary>The name in reports and plans.</summary>
    public const string Name = "fisher";

    string IImportance.Name => Name;

    /// <inheritdoc/>
    public ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request) => Score(model, images, request,
        ScoreFile.Open(Name, model, images, request.Options.ScoresPath, request.Seed), new ScoringProgress(request.Options, images.Count * PassesPerImage(request.Options)));

    /// <summary>What scoring one image costs, in forward passes.</summary>
    internal static double PassesPerImage(UnifiedPruningOptions options) => 2 + 2 * options.FisherDraws;

    internal static ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request, ScoreFile file, ScoringProgress progress)
    {
        var options = request.Options;
        var groups = ChannelGroups.All(model.Configuration, request.Components);
        var scoring = new BatchwiseScoring(Name, FormattableString.Invariant($"draws {options.FisherDraws}, images {images.Count}, batch {options.BatchSize}"), PassesPerImage(options));
        return ScoreTables.Of(Name, model.Configuration, scoring.Run(model, images, request, file, progress,
            batch => ScoreBatch(batch.Model, batch.Images, groups, options.FisherDraws, BatchSeed(request.Seed, batch.Number), batch.Sums, batch.FirstImage)));
    }

    /// <summary>Scores all attention and MLP channels, summed over images.</summary>
    /// <param name="model">The model; a copy of it is scored, in eval mode and fp32.</param>
    /// <param name="batches">Normalised images <c>[B, 3, H, W]</c>; each is disposed after use.</param>
    /// <param name="draws">Labels drawn per image.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    /// <returns>The scores, in nats.</returns>
    public static ChannelScores Score(VisionModel model, IEnumerable<Tensor> batches, int draws, ulong seed, CancellationToken cancellationToken = default)
    {
        var groups = ChannelGroups.All(model.Configuration, PruningComponent.Attention, PruningComponent.Mlp);
        var sums = groups.Select(group => GroupSums.Of(group)).ToList();
        using var frozen = model.Copy(requiresGrad: false);
        int index = 0;
        long image = 0;
        foreach (var batch in batches)
        {
            using (batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ScoreBatch(frozen, batch, groups, draws, BatchSeed(seed, ++index), sums, image);
                image += batch.shape[0];
            }
        }
        return ScoreTables.Of(Name, model.Configuration, sums);
    }

    // A generator for each batch: where scoring is continued, the draws are those of a run without interruption.
    private static ulong BatchSeed(ulong seed, int batch) => seed + 0x9E3779B97F4A7C15 * (ulong)batch;

    private static void ScoreBatch(VisionModel model, Tensor images, IReadOnlyList<ChannelGroup> groups, int draws, ulong seed, List<GroupSums> sums, long firstImage)
    {
        using var generator = new Generator(seed, CPU);
        GainGradients.Run(model, images, groups, draws, (logits, _) =>
        {
            var logProbabilities = logits.log_softmax(-1);                                                   // [B, classes]
            var labels = logProbabilities.detach().exp().cpu().multinomial(1, replacement: true, generator: generator).to(images.device);    // [B, 1]
            return logProbabilities.gather(1, labels).sum();
        }, (g, gradient) => GainGradients.Add(sums[g], gradient.square().mul_(0.5 / draws), firstImage));
    }
}
