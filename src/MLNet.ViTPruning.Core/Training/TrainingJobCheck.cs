using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Training;

/// <summary>What makes a job unusable for a model, its options apart.</summary>
internal static class TrainingJobCheck
{
    public static IEnumerable<string?> Faults(VisionModel model, TrainingJob job)
    {
        int classes = model.Configuration.NumClasses;
        yield return ImagesFault(job.Images, nameof(job.Images), classes);
        if (job.Validation is not null) yield return ImagesFault(job.Validation, nameof(job.Validation), classes);
        yield return Check.That(job.Options.EarlyStopping is null || job.Validation is not null,
            "EarlyStopping is set but there are no validation images; give some, or leave EarlyStopping null.");
        yield return Check.That(job.Part is null || job.Options.EmaDecay is null,
            "EmaDecay is set; where a part of a model learns no moving average is kept: leave it null.");
        yield return Check.That(job.RunFolder is not null || !job.Resume, "Resume is set but there is no RunFolder to resume from.");
        yield return job.RunFolder is null ? null : Check.NotEmpty(job.RunFolder, nameof(job.RunFolder));
    }

    private static string? ImagesFault(ITrainingImages images, string name, int classes)
    {
        if (images.Count < 1) return $"{name} has no images.";
        for (int i = 0; i < images.Count; i++)
        {
            int label = images.LabelOf(i);
            if (label < 0 || label >= classes) return $"{name} has label {label} at image {i}; the model has classes 0 to {classes - 1}.";
        }
        return null;
    }
}
