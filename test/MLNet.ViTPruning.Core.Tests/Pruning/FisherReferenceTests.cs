using System.Text.Json;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Pruning.Unified;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

/// <summary>The estimate beside exact KL divergences of the published ViT-Tiny, which PyTorch computed channel by channel in float64.</summary>
[TestClass]
public sealed class FisherReferenceTests
{
    [TestMethod]
    public void Score_OfThePublishedViTTiny_FollowsTheExactKl()
    {
        using var scope = NewDisposeScope();
        using var model = ModelFile.Load(SharedData.At("weights/vit_tiny_patch16_224.safetensors"));
        using var photos = SafetensorsFile.Open(SharedData.At("reference/photos.safetensors"));
        var images = photos.ReadTensor("photos.pixels").permute(0, 3, 1, 2).div(255).sub(0.5).div(0.5).contiguous();    // [4, 3, 224, 224]
        var scores = FisherImportance.Score(model, [images], draws: 16, seed: 1);

        var pairs = new List<(double Exact, double Estimate)>();
        using var reference = JsonDocument.Parse(File.ReadAllText(SharedData.At("reference/kl_scores.json")));
        foreach (var row in reference.RootElement.GetProperty("scores").EnumerateArray())
        {
            var component = row.GetProperty("component").GetString();
            if (component is not ("attention" or "ffn")) continue;    // residual channels come with the full UP-ViTs
            var (block, channel) = (row.GetProperty("block").GetInt32(), row.GetProperty("channel").GetInt32());
            double estimate = (component == "attention" ? scores.Attention : scores.Mlp)[block][channel];
            pairs.Add((Math.Log(row.GetProperty("kl").GetDouble()), Math.Log(estimate)));
        }
        Assert.HasCount(18, pairs);
        // Channels of large effect are overestimated by up to a factor of four; the order is what matters.
        foreach (var (exact, estimate) in pairs) Assert.AreEqual(exact, estimate, Math.Log(5));
        double meanExact = pairs.Average(p => p.Exact), meanEstimate = pairs.Average(p => p.Estimate);
        double covariance = pairs.Sum(p => (p.Exact - meanExact) * (p.Estimate - meanEstimate));
        double correlation = covariance / Math.Sqrt(pairs.Sum(p => Math.Pow(p.Exact - meanExact, 2)) * pairs.Sum(p => Math.Pow(p.Estimate - meanEstimate, 2)));
        Assert.IsGreaterThan(0.9, correlation);
    }
}
