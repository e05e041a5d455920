using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>The exact KL divergence without each channel, for every channel: affordable for small models and few images only.</summary>
/// <remarks>See <see cref="ExactDivergence"/>.</remarks>
public sealed class ExactImportance : IImportance
{
    internal const string PartName = "exact";

    /// <inheritdoc/>
    public string Name => PartName;

    /// <inheritdoc/>
    public ChannelScores Score(VisionModel model, IProxyImages images, ScoringRequest request)
    {
        var groups = ChannelGroups.All(model.Configuration, request.Components);
        var progress = new ScoringProgress(request.Options, ExactCost.ForwardPasses(model.Configuration, groups, images.Count));
        var sums = Run(model, images, images.Count, groups, request, ScoreFile.Open(Name, model, images, request.Options.ScoresPath, request.Seed), progress);
        return ScoreTables.Of(Name, model.Configuration, sums) with { ExactChannels = groups.Sum(group => group.Channels.Count) };
    }

    /// <summary>Exact scores of some channels on the first images; continued where the file has a part of them. <c>replaces</c>: others that the file has give way,
    /// as those of another cut do.</summary>
    internal static IReadOnlyList<GroupSums> Run(VisionModel model, IProxyImages images, int count, IReadOnlyList<ChannelGroup> groups, ScoringRequest request, ScoreFile file, ScoringProgress progress,
        bool replaces = false)
    {
        var options = request.Options;
        count = Math.Min(count, images.Count);
        var part = file.Part(PartName, FormattableString.Invariant($"images {count}, batch {options.BatchSize}"), groups, replaces);
        double passes = ExactCost.ForwardPasses(model.Configuration, groups, count), perImage = passes / count;
        if (part.Complete)
        {
            progress.Advance(passes);
            return part.Groups;
        }
        using var frozen = model.Copy(requiresGrad: false);    // others may be using the model
        int batchIndex = 0, done = part.Batches;
        long image = 0;
        foreach (var batch in images.Read(count, options.BatchSize))
        {
            using var tensor = batch.Images;
            file.ThrowIfCancelled(options.CancellationToken);
            if (batchIndex == done) progress.Announce(PartName, frozen, tensor, groups, count, passes - image * perImage);
            if (batchIndex++ >= done) ScoreBatch(image);
            else progress.Advance(tensor.shape[0] * perImage);
            image += tensor.shape[0];

            void ScoreBatch(long first)
            {
                void Told(int group, int channels) => progress.Advance(tensor.shape[0] * channels * ExactCost.Share(model.Configuration, groups[group]));
                ExactDivergence.ScoreBatch(frozen, tensor, groups, options.BatchSize, new(part.Stacks, Told), stack =>
                {
                    Add(part.Groups[stack.Group], stack, first);
                    part.Stacks++;
                    Told(stack.Group, stack.PerImage[0].Length);
                    file.SaveSometimes();
                    file.ThrowIfCancelled(options.CancellationToken);
                }, CancellationToken.None);
                (part.Batches, part.Stacks) = (batchIndex, 0);
            }
        }
        part.Complete = true;
        file.Save();
        return part.Groups;
    }

    private static void Add(GroupSums sums, StackScores stack, long firstImage)
    {
        for (int i = 0; i < stack.PerImage.Length; i++)
            for (int c = 0; c < stack.PerImage[i].Length; c++) sums.Add(firstImage + i, stack.First + c, stack.PerImage[i][c]);
    }
}
