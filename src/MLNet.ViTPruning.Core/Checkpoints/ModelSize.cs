using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Keeps a file of a few bytes from asking for a model of terabytes.</summary>
internal static class ModelSize
{
    private const long AlwaysAllowed = 200_000_000; // twice the largest preset

    /// <exception cref="InvalidDataException">The configuration needs far more elements than the file has.</exception>
    public static void Check(ModelConfiguration configuration, long elementsInFile)
    {
        decimal needed = 0; // sums of products below 2^60: no overflow in a decimal
        for (int s = 0; s < configuration.Stages.Count; s++)
        {
            var stage = configuration.Stages[s];
            foreach (var block in stage.Blocks) needed += (decimal)stage.EmbedDim * (4m * block.AttentionDim + 2m * block.MlpHiddenDim);
            needed += 8m * stage.EmbedDim * stage.EmbedDim * (configuration.Family == ModelFamily.Swin && stage != configuration.Stages[0] ? 1 : 0);
            if (configuration.ReductionRatios is not { } ratios) continue;
            decimal reduced = ratios[s] > 1 ? (decimal)ratios[s] * ratios[s] * stage.EmbedDim * stage.EmbedDim : 0;
            needed += reduced * stage.Blocks.Count(block => block.HasAttention) + (s > 0 ? 9m * stage.EmbedDim * configuration.Stages[s - 1].EmbedDim : 0);
        }
        needed += (decimal)configuration.NumClasses * configuration.NumFeatures + 3m * configuration.PatchSize * configuration.PatchSize * configuration.Stages[0].EmbedDim;
        decimal tokens = (decimal)configuration.ImageSize / configuration.PatchSize;
        if (configuration.Family == ModelFamily.Vit) needed += tokens * tokens * configuration.Stages[0].EmbedDim;
        if (needed > AlwaysAllowed && needed > 2m * elementsInFile)
            throw new InvalidDataException($"The configuration describes a model of {needed:F0} weights; the file has {elementsInFile}.");
    }
}
