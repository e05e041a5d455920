using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>Finds every fault of a configuration of patch skipping at once.</summary>
internal static class PatchSkipConfigurationCheck
{
    public static List<string> Faults(PatchSkipConfiguration c, ModelConfiguration model)
    {
        if (model.Family != ModelFamily.Vit) return [RefusalOf(model.Family)];
        var faults = new List<string?>
        {
            Check.Defined(c.Method),
            Check.Defined(c.Input),
            Check.Defined(c.Labels),
            Check.InRange(c.ScaledCosineThreshold, 0, 1, lowerExclusive: true),
            Check.InRange(c.ImportanceThreshold, 0, 1),
            Check.That(c.Method != PatchSkipMethod.Merging || !c.ShiftsIdle, "ShiftsIdle has no effect on Merging, which leaves no patch idle; leave it false."),
            Check.That(c.Layers.Zip(c.Layers.Skip(1)).All(pair => pair.First.Layer < pair.Second.Layer), "Layers must be ascending, each layer once."),
            Check.That(c.Method != PatchSkipMethod.Merging || model.Pooling == Pooling.ClassToken,
                "Merging needs a model that reads the class token: the mean of merged tokens would weigh them alike."),
            Check.That(c.Method != PatchSkipMethod.Merging || c.ContextAttention, "ContextAttention has no effect on Merging; leave it as it is."),
        };
        foreach (var layer in c.Layers) faults.AddRange(Faults(c, layer, model));
        return [.. faults.OfType<string>()];
    }

    private static IEnumerable<string?> Faults(PatchSkipConfiguration c, PatchSkipLayer layer, ModelConfiguration model)
    {
        var blocks = model.Blocks.ToList();
        string name = $"layer {layer.Layer}";
        if (layer.Layer < 0 || layer.Layer >= blocks.Count)
        {
            yield return $"{name}: the model has layers 0 to {blocks.Count - 1}.";
            yield break;
        }
        bool merges = c.Method == PatchSkipMethod.Merging, counts = c.Method is PatchSkipMethod.LearnedTopK or PatchSkipMethod.Random or PatchSkipMethod.ClassAttention;
        int patches = model.ResolutionOf(0) * model.ResolutionOf(0);
        if (layer.Layer == blocks.Count - 1 && model.Pooling == Pooling.ClassToken)
            yield return $"{name} is the last and computes the class token alone; there is nothing to skip.";
        if (c.Method == PatchSkipMethod.ClassAttention && !blocks[layer.Layer].HasAttention)
            yield return $"{name} has no attention, which {nameof(PatchSkipMethod.ClassAttention)} needs.";
        if (Check.InRange(layer.ScoreThreshold, 0, 1, name: nameof(layer.ScoreThreshold)) is { } threshold) yield return $"{name}: {threshold}";
        if (layer.ScaledCosineThreshold is { } cosine && Check.InRange(cosine, 0, 1, lowerExclusive: true, name: nameof(layer.ScaledCosineThreshold)) is { } label)
            yield return $"{name}: {label}";
        if (counts && layer.PatchesKept is null) yield return $"{name}: PatchesKept is missing; {c.Method} needs it.";
        if (layer.PatchesKept is { } kept && (kept < 0 || kept > patches)) yield return $"{name}: PatchesKept is {kept}; expected 0 to {patches}.";
        if (merges && layer.TokensMerged is null) yield return $"{name}: TokensMerged is missing; {c.Method} needs it.";
        if (layer.TokensMerged is < 0) yield return $"{name}: TokensMerged is {layer.TokensMerged}; expected at least 0.";
        if (!counts && layer.PatchesKept is not null) yield return $"{name}: PatchesKept has no effect on {c.Method}; leave it out.";
        if (!merges && layer.TokensMerged is not null) yield return $"{name}: TokensMerged has no effect on {c.Method}; leave it out.";
    }

    private static string RefusalOf(ModelFamily family) => family switch
    {
        ModelFamily.Swin => "Patch skipping needs a ViT or DeiT; a Swin Transformer merges neighbouring patches between its stages, so that none can be left out.",
        _ => "Patch skipping needs a ViT or DeiT; a PVTv2 has convolutions between neighbouring patches, so that none can be left out.",
    };
}
