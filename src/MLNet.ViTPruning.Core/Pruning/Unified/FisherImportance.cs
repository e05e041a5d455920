using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Estimates the KL divergence that removing each channel would cause, all channels from one pass.</summary>
/// <remarks>With a gain m on a channel, KL(q || p_m) and its gradient vanish at m = 1, so that to second order removing the
/// channel costs ½ E_{y~q}[(∂ log p(y|x) / ∂m)²] per image: the per-image Fisher information of the gain. Labels are drawn
/// from the model's own prediction, gradients are squared per image and only then summed. fp32 passes, sums in double:
/// typical values (1e-7 to 1e-5 nats per image) drown in half precision.</remarks>
public static class FisherImportance
{
    /// <summary>The name in reports and plans.</summary>
    public const string Name = "fisher";

    /// <summary>Scores all attention and MLP channels, summed over images.</summary>
    /// <param name="model">The model; a copy of it is scored, in eval mode and fp32.</param>
    /// <param name="batches">Normalised images <c>[B, 3, H, W]</c>; each is disposed after use.</param>
    /// <param name="draws">Labels drawn per image.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    /// <returns>The scores, in nats.</returns>
    public static ChannelScores Score(VisionModel model, IEnumerable<Tensor> batches, int draws, ulong seed, CancellationToken cancellationToken = default)
    {
        var blocks = model.Configuration.Blocks.ToList();
        var sums = blocks.SelectMany(block => new[] { new double[block.AttentionDim], new double[block.MlpHiddenDim] }).ToList();
        using var generator = new Generator(seed, CPU);
        using var frozen = model.Copy(requiresGrad: false);    // only the gains need a graph, and others may be scoring with the model
        foreach (var batch in batches)
        {
            using (batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ScoreBatch(frozen, batch, blocks, draws, generator, sums);
            }
        }
        return new ChannelScores(Name, [.. sums.Where((_, i) => i % 2 == 0)], [.. sums.Where((_, i) => i % 2 == 1)]);
    }

    private static void ScoreBatch(VisionModel model, Tensor images, List<BlockConfiguration> blocks, int draws, Generator generator, List<double[]> sums)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        long batch = images.shape[0];
        Tensor? Gain(int channels) => channels == 0 ? null : ones(batch, channels, device: images.device, requires_grad: true);    // [B, channels]
        var attention = blocks.Select(block => Gain(block.AttentionDim)).ToList();
        var mlp = blocks.Select(block => Gain(block.MlpHiddenDim)).ToList();
        var gains = attention.Zip(mlp, (a, m) => new[] { a, m }).SelectMany(pair => pair).ToList();
        var active = gains.OfType<Tensor>().ToList();

        var logProbabilities = model.Forward(images, new ChannelGains { Attention = attention, Mlp = mlp }).to(float64).log_softmax(-1);    // [B, classes]
        var probabilities = logProbabilities.detach().exp().cpu();                                            // [B, classes]
        for (int draw = 0; draw < draws; draw++)
        {
            using var inner = NewDisposeScope();
            var labels = probabilities.multinomial(1, replacement: true, generator: generator).to(images.device);    // [B, 1]
            // Each image has gains of its own, so the gradient of the sum holds every image's own gradient.
            var total = logProbabilities.gather(1, labels).sum();
            var gradients = autograd.grad([total], active, retain_graph: draw < draws - 1);
            for (int i = 0, g = 0; i < gains.Count; i++)
                if (gains[i] is not null) Accumulate(gradients[g++], 0.5 / draws, sums[i]);
        }
    }

    private static void Accumulate(Tensor gradient, double factor, double[] sum)
    {
        using var squares = gradient.to(float64).square().sum([0]).cpu().data<double>();    // [channels]
        for (int c = 0; c < sum.Length; c++) sum[c] += factor * squares[c];
    }
}
