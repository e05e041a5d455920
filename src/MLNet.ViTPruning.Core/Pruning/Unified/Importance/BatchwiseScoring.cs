using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Scores every channel on one batch of images after the other, and goes on where a file has the first of them.</summary>
/// <param name="Name">The importance.</param>
/// <param name="Settings">What the scores depend on beside model, images and seed.</param>
/// <param name="PassesPerImage">What an image costs, in forward passes.</param>
internal sealed record BatchwiseScoring(string Name, string Settings, double PassesPerImage)
{
    /// <summary>A batch to be scored.</summary>
    /// <param name="Model">The model, whose weights take no gradients.</param>
    /// <param name="Images">Images <c>[B, 3, H, W]</c>.</param>
    /// <param name="Labels">Their classes, or null.</param>
    /// <param name="Number">The batch's number, from 1.</param>
    /// <param name="FirstImage">The place of its first image among all.</param>
    /// <param name="Sums">What the scores are added to.</param>
    public sealed record Batch(VisionModel Model, Tensor Images, IReadOnlyList<int>? Labels, int Number, long FirstImage, List<GroupSums> Sums);

    /// <summary>Scores what the file does not have.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">The images.</param>
    /// <param name="request">What is scored.</param>
    /// <param name="file">Has what was scored before, and is given what is scored.</param>
    /// <param name="progress">Is told.</param>
    /// <param name="score">Scores a batch; what it does for a batch does not depend on those before.</param>
    /// <returns>The sums over all images.</returns>
    public IReadOnlyList<GroupSums> Run(VisionModel model, IProxyImages images, ScoringRequest request, ScoreFile file, ScoringProgress progress, Action<Batch> score)
    {
        var options = request.Options;
        var groups = ChannelGroups.All(model.Configuration, request.Components);
        var part = file.Part(Name, Settings, groups);
        if (part.Complete)
        {
            progress.MoveTo(images.Count * PassesPerImage);
            return part.Groups;
        }
        using var frozen = model.Copy(requiresGrad: false);    // only the gains need a graph, and others may be scoring with the model
        int number = 0, done = part.Batches;
        long image = 0;
        foreach (var batch in images.Read(images.Count, options.BatchSize))
        {
            using var tensor = batch.Images;
            file.ThrowIfCancelled(options.CancellationToken);
            if (number == done) progress.Announce(Name, frozen, tensor, groups, images.Count, (images.Count - image) * PassesPerImage);
            if (number++ >= done)
            {
                score(new Batch(frozen, tensor, batch.Labels, number, image, part.Groups));
                part.Batches = number;
                file.SaveSometimes();
            }
            image += tensor.shape[0];
            progress.Advance(tensor.shape[0] * PassesPerImage);
        }
        part.Complete = true;
        file.Save();
        return part.Groups;
    }
}
