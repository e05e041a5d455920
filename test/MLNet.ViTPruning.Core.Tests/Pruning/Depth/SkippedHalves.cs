using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.Depth;

/// <summary>Models that skip halves without any surgery: what a half adds to the stream is multiplied by zero.</summary>
internal static class SkippedHalves
{
    public static VisionModel Of(VisionModel model, params IEnumerable<BlockHalfId> halves)
    {
        var copy = model.Copy();
        using var noGrad = no_grad();
        var weights = copy.state_dict();
        var prefixes = Prefixes(model.Configuration);
        foreach (var half in halves)
            foreach (var name in (string[])["weight", "bias"])
                weights[$"{prefixes[half.Block]}.{(half.Half == BlockHalf.Attention ? "attn.proj" : "mlp.fc2")}.{name}"].zero_();
        copy.WeightsChanged();
        return copy;
    }

    /// <summary>KL(q || p) in nats, summed over the images, in plain loops.</summary>
    public static double Divergence(VisionModel dense, VisionModel other, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var q = Softmax(dense, images).data<double>();
        using var p = Softmax(other, images).data<double>();
        double sum = 0;
        for (int i = 0; i < q.Count; i++) sum += q[i] * Math.Log(q[i] / p[i]);
        return sum;
    }

    public static List<string> Prefixes(ModelConfiguration configuration) =>
        [.. configuration.Stages.SelectMany((stage, s) => stage.Blocks.Select((_, i) => configuration.Family switch
        {
            ModelFamily.Vit => $"blocks.{i}",
            ModelFamily.Swin => $"layers.{s}.blocks.{i}",
            _ => $"stages.{s}.blocks.{i}",
        }))];

    private static Tensor Softmax(VisionModel model, Tensor images) => model.forward(images).to(float64).softmax(-1);
}
