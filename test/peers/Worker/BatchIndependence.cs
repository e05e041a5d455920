using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.PatchSkipping;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Whether what a model that skips patches says of an image depends on the images beside it: batch 1 beside batch 32, on CIFAR-100's test images.</summary>
/// <remarks>In float64 all images must agree within 1e-9. In fp32 a score may lie on the other side of its threshold by rounding alone, so that images with a raw
/// score within 1e-4 of it are left out, and counted; the others must agree within 1e-4.</remarks>
internal static class BatchIndependence
{
    private const int Batch = 32;
    private const double Near = 1e-4;

    /// <param name="file">The model.</param>
    /// <param name="folder">CIFAR-100's binary files.</param>
    /// <param name="count">Images in fp32; a sixteenth of them in float64.</param>
    /// <returns>0 where the images agree and fewer than 15 % are left out, else 1.</returns>
    public static int Run(string file, string folder, string count)
    {
        int images = int.Parse(count, CultureInfo.InvariantCulture);
        using var noGrad = no_grad();
        using var model = PatchSkipFile.Load(file);
        var set = Cifar100Set.Open(folder, Cifar100Split.Test, images);
        var (single, near) = Compare(model, set, set.Count, ScalarType.Float32);
        model.to(ScalarType.Float64);
        int few = Math.Max(set.Count / 16, 1);
        var (exact, _) = Compare(model, set, few, ScalarType.Float64);
        double share = (double)near / set.Count;
        Console.WriteLine(new JsonObject
        {
            ["float64Images"] = few,
            ["float64Difference"] = exact,
            ["images"] = set.Count,
            ["nearAThreshold"] = near,
            ["nearAThresholdShare"] = Math.Round(share, 4),
            ["fp32Difference"] = single,
        }.ToJsonString());
        return exact <= 1e-9 && single <= 1e-4 && share < 0.15 ? 0 : 1;
    }

    /// <summary>The largest difference of a logit, and how many images have a score near a threshold.</summary>
    private static (double Difference, int Near) Compare(PatchSkipModel model, Cifar100Set set, int count, ScalarType type)
    {
        double difference = 0;
        int near = 0;
        bool all = type == ScalarType.Float64;
        for (int first = 0; first < count; first += Batch)
        {
            using var scope = NewDisposeScope();
            var pixels = CifarImages.Read(set, model.Backbone.Configuration, first, Math.Min(Batch, count - first)).to(type);    // [B, 3, S, S]
            using var together = model.Run(pixels, SkipDetails.Scores);
            for (int i = 0; i < pixels.shape[0]; i++)
            {
                using var inner = NewDisposeScope();
                using var alone = model.Run(pixels.narrow(0, i, 1), SkipDetails.Scores);
                bool isNear = IsNear(model.Configuration, alone.Images[0]) || IsNear(model.Configuration, together.Images[i]);
                if (isNear) near++;
                if (!isNear || all) difference = Math.Max(difference, (alone.Logits[0] - together.Logits[i]).abs().max().to(ScalarType.Float64).item<double>());
            }
        }
        return (difference, near);
    }

    private static bool IsNear(PatchSkipConfiguration configuration, ImageSkips image)
    {
        int patches = image.Scores!.Count / configuration.Layers.Count;
        return image.Scores.Where((score, i) => Math.Abs(score - Logit(configuration.Layers[i / patches].ScoreThreshold)) <= Near).Any();
    }

    private static double Logit(double score) => Math.Log(score / (1 - score));
}
