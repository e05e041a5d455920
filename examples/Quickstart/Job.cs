using Microsoft.ML;
using MLNet.ViTPruning.Imaging;

namespace Quickstart;

/// <summary>Which model and which images; decided by what is at hand.</summary>
internal sealed record Job(string Title, string Folder, string Weights, IDataView Fit, IDataView Report)
{
    public double MlpKeepRatio { get; init; } = 0.5;

    public double AttentionKeepRatio { get; init; } = 0.75;

    public int ProxyImages { get; init; } = 200;

    public int DistillEpochs { get; init; } = 1;

    public double DistillLearningRate { get; init; } = 5e-4;

    /// <param name="arguments">WORKFOLDER [DATAFOLDER] [--short].</param>
    public static Job Choose(string[] arguments)
    {
        bool brief = arguments.Contains("--short");
        string[] folders = [.. arguments.Where(argument => argument != "--short")];
        Directory.CreateDirectory(folders[0]);
        return folders.Length > 1 ? Photographs(folders[0], folders[1], brief) : Generated(folders[0], brief);
    }

    // The published ViT-Tiny and photographs of ImageNet's classes: even positions to fit, odd ones to report.
    private static Job Photographs(string work, string data, bool brief)
    {
        var ml = new MLContext(seed: 1);
        string photographs = Path.Combine(data, "imagenet-compatible");
        return new("ViT-Tiny/16-224 on photographs", work, Path.Combine(data, "weights", "vit_tiny_patch16_224.safetensors"),
            ml.Data.LoadImageNet(photographs, ImageNetSplit.ValEven, limit: brief ? 32 : 500),
            ml.Data.LoadImageNet(photographs, ImageNetSplit.ValOdd, limit: brief ? 40 : 250))
        {
            MlpKeepRatio = 0.85,
            AttentionKeepRatio = 1,
            ProxyImages = brief ? 16 : 200,
            DistillEpochs = 1,
            DistillLearningRate = 1e-4,
        };
    }

    // No data at hand: images are generated, written as CIFAR-100's binary files, and a small ViT is trained on them.
    private static Job Generated(string work, bool brief)
    {
        var ml = new MLContext(seed: 1);
        GeneratedImages.Write(work, train: brief ? 1000 : 2500, test: brief ? 200 : 500, noise: brief ? 70 : 190);
        var train = ml.Data.LoadCifar100(work, Cifar100Split.Train);
        string weights = Path.Combine(work, "small_vit.safetensors");
        if (!File.Exists(weights)) SmallModel.Train(weights, train, epochs: brief ? 3 : 6);
        return new("A small ViT on generated images", work, weights, train, ml.Data.LoadCifar100(work, Cifar100Split.Test));
    }
}
