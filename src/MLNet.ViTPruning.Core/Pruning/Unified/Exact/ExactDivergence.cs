using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>The KL divergence between a model's prediction and its prediction without one channel, computed exactly.</summary>
/// <remarks>Source: Yu and Wu (arXiv:2111.15127), equation 1: <c>KL(q || p)</c> with q of the whole model, T = 1, natural logarithm, summed over
/// images. Logits are widened to double before the softmax. What comes before the channel is computed once per batch of images: without an MLP
/// channel the block's result differs by a matrix of rank one, without an attention channel one head is computed anew; only the
/// blocks behind are computed for each channel, the last of them on the tokens that are read. Without a residual channel every LayerNorm
/// runs over the others, so that only the embedding is shared.</remarks>
public static class ExactDivergence
{
    /// <summary>Scores channels, many at a time.</summary>
    /// <param name="model">The model; a copy of it is scored, in eval mode, in the type of its weights.</param>
    /// <param name="batches">Normalised images <c>[B, 3, H, W]</c>; each is disposed after use.</param>
    /// <param name="groups">The channels.</param>
    /// <param name="batchSize">Images that go through the model together; several channels are stacked where a batch is smaller.</param>
    /// <param name="progress">Receives the number of channels times images that were computed since the last report, or null.</param>
    /// <param name="cancellationToken">Checked between stacks of channels.</param>
    /// <returns>Per group, the divergence of each of its channels in nats, summed over all images.</returns>
    /// <exception cref="ArgumentException">A group or channel does not exist.</exception>
    public static IReadOnlyList<double[]> Score(VisionModel model, IEnumerable<Tensor> batches, IReadOnlyList<ChannelGroup> groups, int batchSize = 32,
        IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ChannelGroups.Check(model.Configuration, groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var sums = groups.Select(group => new double[group.Channels.Count]).ToList();
        using var frozen = model.Copy(requiresGrad: false);    // others may be using the model
        foreach (var batch in batches)
        {
            using (batch)
            {
                ScoreBatch(frozen, batch, groups, batchSize, SkippedStacks.None, stack =>
                {
                    foreach (var perImage in stack.PerImage)
                        for (int i = 0; i < perImage.Length; i++) sums[stack.Group][stack.First + i] += perImage[i];
                    progress?.Report(stack.PerImage.Sum(perImage => perImage.Length));
                }, cancellationToken);
            }
        }
        return sums;
    }

    /// <summary>Scores channels on one batch of images.</summary>
    /// <param name="model">A model of its own, in eval mode.</param>
    /// <param name="images">Images <c>[B, 3, H, W]</c>.</param>
    /// <param name="groups">The channels, checked.</param>
    /// <param name="batchSize">Images that go through the model together.</param>
    /// <param name="skipped">Stacks to leave out, which were computed before.</param>
    /// <param name="receive">Gets the scores, stack by stack, always in the same order.</param>
    /// <param name="cancellationToken">Checked between stacks of channels.</param>
    internal static void ScoreBatch(VisionModel model, Tensor images, IReadOnlyList<ChannelGroup> groups, int batchSize, SkippedStacks skipped, Action<StackScores> receive,
        CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var run = new SuffixRun(model, images, batchSize, skipped, receive, cancellationToken);
        run.ScoreResidual(groups);
        run.ScoreBlocks(groups);
    }
}

/// <summary>Stacks that were computed before.</summary>
/// <param name="Count">How many, from the first one on.</param>
/// <param name="Pass">Is told of each: the index of its group and its number of channels.</param>
internal sealed record SkippedStacks(int Count, Action<int, int> Pass)
{
    public static SkippedStacks None { get; } = new(0, static (_, _) => { });
}

/// <summary>Divergences of channels that were computed together.</summary>
/// <param name="Group">Index of their group.</param>
/// <param name="First">Index within the group of the first of them; the others follow.</param>
/// <param name="PerImage">For each image, the divergence of each channel in nats.</param>
internal sealed record StackScores(int Group, int First, double[][] PerImage);
