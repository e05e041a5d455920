using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Training;

/// <summary>What must be alike in a training that goes on from a checkpoint, by name.</summary>
internal static class JobDescription
{
    private const int MaxShown = 80; // a longer value says nothing to a reader

    /// <summary>Describes a training.</summary>
    /// <param name="model">The model.</param>
    /// <param name="job">The training.</param>
    /// <param name="objective">Description of its objective.</param>
    public static IReadOnlyDictionary<string, string> Of(VisionModel model, TrainingJob job, string objective)
    {
        var o = job.Options;
        var description = new Dictionary<string, string>
        {
            ["model"] = model.Configuration.ToJson(),
            ["objective"] = objective,
            ["images"] = Text(job.Images.Count),
            ["labels"] = Labels(job.Images),
            ["validationImages"] = Text(job.Validation?.Count ?? 0),
            ["masks"] = Masks(job.MasksOf(model)),
            ["seed"] = Text(o.Seed ?? 0),
            ["epochs"] = Text(o.Epochs),
            ["batchSize"] = Text(o.BatchSize),
            ["accumulationSteps"] = Text(o.AccumulationSteps),
            ["learningRate"] = Text(o.LearningRate),
            ["warmUpLearningRate"] = Text(o.WarmUpLearningRate),
            ["minLearningRate"] = Text(o.MinLearningRate),
            ["warmUpEpochs"] = Text(o.WarmUpEpochs),
            ["weightDecay"] = Text(o.WeightDecay),
            ["gradientClip"] = Text(o.GradientClip),
            ["emaDecay"] = Text(o.EmaDecay),
            ["emaUpdate"] = Text(o.EmaUpdate),
            ["labelSmoothing"] = Text(o.LabelSmoothing),
            ["dropPath"] = Text(o.DropPath),
            ["precision"] = Text(o.Precision),
            ["augmentation"] = JsonSerializer.Serialize(o.Augmentation),
        };
        if (job.Part is { } part) description["part"] = part.Description;
        return description;
    }

    /// <summary>What two trainings differ in, a sentence each; empty where one can go on from the other's checkpoint.</summary>
    /// <param name="saved">The checkpoint's.</param>
    /// <param name="present">The one that wants to go on.</param>
    public static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> saved, IReadOnlyDictionary<string, string> present) =>
        saved.Keys.Union(present.Keys)
            .Where(key => saved.GetValueOrDefault(key) != present.GetValueOrDefault(key))
            .Select(key => Difference(key, saved.GetValueOrDefault(key), present.GetValueOrDefault(key)));

    private static string Difference(string key, string? saved, string? present) =>
        saved?.Length > MaxShown || present?.Length > MaxShown ? $"{key} is another." : $"{key} is {present ?? "absent"}, the run has {saved ?? "none"}.";

    private static string Text<T>(T value) => value is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{value}");

    /// <summary>What tells the images of a training from others.</summary>
    /// <param name="images">The images.</param>
    public static string Images(ITrainingImages images) => $"{images.Count} {Labels(images)}";

    /// <summary>A hash of the labels in order, which tells another set of as many images.</summary>
    private static string Labels(ITrainingImages images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < images.Count; i++) hash.AppendData(BitConverter.GetBytes(images.LabelOf(i)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static string Masks(IReadOnlyCollection<KeyValuePair<string, TorchSharp.torch.Tensor>> masks)
    {
        if (masks.Count == 0) return "none";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, mask) in masks.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            var kept = mask.ne(0).cpu().contiguous();
            hash.AppendData(kept.bytes);
            GC.KeepAlive(kept);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
