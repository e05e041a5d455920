using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>The Fisher estimate for all channels, then exact divergences where they decide: of the channels nearest each cut.</summary>
/// <remarks>The scores stay on the estimate's scale. Within the band around a cut that was computed exactly, channels take the band's own
/// values in the order of their exact divergences; channels outside of the band are far enough from the cut for the estimate.</remarks>
public sealed class AutoImportance : IImportance
{
    internal const string AutoName = "auto";

    /// <inheritdoc/>
    public string Name => AutoName;

    /// <inheritdoc/>
    public ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request)
    {
        var (configuration, options) = (model.Configuration, request.Options);
        int count = Math.Min(options.ExactImages, images.Count);
        double estimateWork = images.Count * FisherImportance.PassesPerImage(options);
        var progress = new ScoringProgress(options, estimateWork + options.ExactImagePasses * TypicalShare);
        var file = ScoreFile.Open(Name, model, images, options.ScoresPath, request.Seed);
        progress.Ahead = Math.Min(options.ExactImagePasses * TypicalShare, ExactCost.ForwardPasses(configuration, ChannelGroups.All(configuration, request.Components), count));
        var estimate = FisherImportance.Score(model, images, request, file, progress);
        progress.Ahead = 0;
        progress.MoveTo(estimateWork);

        var segments = UnifiedPlanner.Segments(configuration, KeptSizes.Of(configuration, estimate, options))
            .Where(segment => segment.Keep < segment.Length && request.Components.Contains(segment.Component)).ToList();
        var bands = Bands(segments, options.ExactImagePasses / count);
        var groups = bands.Zip(segments).Select(pair => Channels(pair.First, pair.Second, estimate)).Where(group => group.Channels.Count > 0).ToList();
        var merged = groups.GroupBy(group => (group.Component, group.Index))
            .Select(same => new ChannelGroup(same.Key.Component, same.Key.Index, [.. same.SelectMany(group => group.Channels).Order()])).ToList();
        if (merged.Count == 0) return estimate with { Importance = Name };
        var exact = ExactImportance.Run(model, images, count, merged, request, file, progress, replaces: true);

        var scores = estimate with
        {
            Importance = Name,
            Attention = Copy(estimate.Attention),
            Mlp = Copy(estimate.Mlp),
            Embed = Copy(estimate.Embed),
            ExactChannels = merged.Sum(group => group.Channels.Count),
        };
        foreach (var band in groups) Reorder(scores.Of(band.Component)[band.Index], band, exact.Single(sums => sums.Component == band.Component && sums.Index == band.Index));
        progress.MoveTo(estimateWork + options.ExactImagePasses * TypicalShare);
        return scores;
    }

    /// <summary>How much of a forward pass an exact score costs on average over a model's depth.</summary>
    private const double TypicalShare = 0.5;

    /// <summary>For each segment the ranks to compute exactly, from the first up to before the second: the same distance from every cut, as far as
    /// a number of channels reaches.</summary>
    private static List<(int From, int To)> Bands(List<RankedSegment> segments, int channels)
    {
        var bands = segments.Select(segment => (From: segment.Keep, To: segment.Keep)).ToList();
        for (bool grew = true; grew;)
        {
            grew = false;
            for (int i = 0; i < segments.Count; i++)
            {
                var (from, to) = (Math.Max(bands[i].From - 1, 0), Math.Min(bands[i].To + 1, segments[i].Length));
                int more = bands[i].From - from + to - bands[i].To;
                if (more == 0 || more > channels) continue;
                (bands[i], channels, grew) = ((from, to), channels - more, true);
            }
        }
        return bands;
    }

    private static ChannelGroup Channels((int From, int To) band, RankedSegment segment, ChannelScores estimate) =>
        new(segment.Component, segment.Index, segment.Ranked(estimate.Of(segment.Component)[segment.Index])[band.From..band.To]);

    /// <summary>Gives a band's values to its channels in the order of the exact scores.</summary>
    private static void Reorder(double[] scores, ChannelGroup band, GroupSums exact)
    {
        var total = exact.Channels.Zip(exact.Total).ToDictionary(pair => pair.First, pair => pair.Second);
        var values = band.Channels.Select(c => scores[c]).OrderDescending().ToArray();
        var order = band.Channels.OrderByDescending(c => total[c]).ThenBy(c => c).ToArray();
        for (int i = 0; i < order.Length; i++) scores[order[i]] = values[i];
    }

    private static IReadOnlyList<double[]> Copy(IReadOnlyList<double[]> scores) => [.. scores.Select(values => values.ToArray())];
}
