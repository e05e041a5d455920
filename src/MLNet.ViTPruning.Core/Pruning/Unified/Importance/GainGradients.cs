using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Derivatives by factors of the channels, for each image apart: each image has factors of its own, so the gradient of a sum over
/// images holds every image's own gradient.</summary>
internal static class GainGradients
{
    /// <summary>One forward pass, and one backward pass for each objective.</summary>
    /// <param name="model">The model; its weights need no gradients.</param>
    /// <param name="images">Images <c>[B, 3, H, W]</c>.</param>
    /// <param name="groups">Whole groups of channels.</param>
    /// <param name="objectives">How many objectives there are.</param>
    /// <param name="objective">The objective of a number from 0, a scalar that sums over images, from logits <c>[B, classes]</c> in double.</param>
    /// <param name="receive">Gets the derivatives <c>[B, channels]</c> in double of each group, by its index.</param>
    public static void Run(VisionModel model, Tensor images, IReadOnlyList<ChannelGroup> groups, int objectives, Func<Tensor, int, Tensor> objective, Action<int, Tensor> receive)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        long batch = images.shape[0];
        var gains = groups.Select(group => ones(batch, group.Channels.Count, dtype: images.dtype, device: images.device, requires_grad: true)).ToList();
        IReadOnlyList<Tensor?> Of(PruningComponent component, int count)
        {
            var list = new Tensor?[count];
            for (int g = 0; g < groups.Count; g++)
                if (groups[g].Component == component) list[groups[g].Index] = gains[g];
            return list;
        }
        int blocks = model.Configuration.Blocks.Count();
        var all = new ChannelGains
        {
            Residual = Of(PruningComponent.Embed, model.Configuration.Stages.Count),
            Attention = Of(PruningComponent.Attention, blocks),
            Mlp = Of(PruningComponent.Mlp, blocks),
        };
        var logits = model.Forward(images, all).to(float64);    // [B, classes]
        for (int i = 0; i < objectives; i++)
        {
            using var inner = NewDisposeScope();
            var gradients = autograd.grad([objective(logits, i)], gains, retain_graph: i < objectives - 1);
            for (int g = 0; g < groups.Count; g++) receive(g, gradients[g].to(float64));
        }
    }

    /// <summary>Adds values of each image to the sums of its half.</summary>
    /// <param name="sums">The sums of a whole group.</param>
    /// <param name="values">Values <c>[B, channels]</c> in double.</param>
    /// <param name="firstImage">The place of the first image among all.</param>
    public static void Add(GroupSums sums, Tensor values, long firstImage)
    {
        using var scope = NewDisposeScope();
        long batch = values.shape[0];
        var halves = new double[2 * batch];
        for (long i = 0; i < batch; i++) halves[(firstImage + i) % 2 * batch + i] = 1;
        using var both = tensor(halves, device: values.device).view(2, batch).mm(values).cpu().data<double>();    // [2, channels]
        int channels = sums.Channels.Length;
        for (int c = 0; c < channels; c++)
        {
            sums.Even[c] += both[c];
            sums.Odd[c] += both[channels + c];
        }
    }
}
