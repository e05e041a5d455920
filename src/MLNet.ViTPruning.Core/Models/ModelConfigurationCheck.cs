namespace MLNet.ViTPruning.Models;

/// <summary>Finds every fault of a configuration at once, so that a broken file cannot make a model of absurd size.</summary>
internal static class ModelConfigurationCheck
{
    private const int MaxDim = 1 << 16;
    private const int MaxBlocks = 1024;

    public static List<string> Faults(ModelConfiguration c)
    {
        var faults = new List<string>();
        void Require(bool ok, string fault)
        {
            if (!ok) faults.Add(fault);
        }
        Require(Enum.IsDefined(c.Family), $"family is {(int)c.Family}; expected vit, swin or pvtV2.");
        Require(c.ImageSize is > 0 and <= 1 << 14, $"imageSize is {c.ImageSize}; expected 1 to 16384.");
        Require(c.PatchSize > 0 && c.PatchSize <= c.ImageSize, $"patchSize is {c.PatchSize}; expected 1 to imageSize ({c.ImageSize}).");
        Require(c.PatchSize <= 0 || c.ImageSize % c.PatchSize == 0, $"imageSize {c.ImageSize} is not a multiple of patchSize {c.PatchSize}.");
        Require(c.NumClasses is > 0 and <= 1 << 20, $"numClasses is {c.NumClasses}; expected 1 to 1048576.");
        Require(c.LayerNormEpsilon is > 0 and < 1, $"layerNormEpsilon is {c.LayerNormEpsilon}; expected a value in (0, 1).");
        Require(c.LabelNames is null || c.LabelNames.Count == c.NumClasses, $"labelNames has {c.LabelNames?.Count} names; expected numClasses ({c.NumClasses}).");
        Require(c.Stages.Count is > 0 and <= 16, $"stages has {c.Stages.Count} entries; expected 1 to 16.");
        Require(c.Stages.Sum(s => (long)s.Blocks.Count) is > 0 and <= MaxBlocks, $"there are {c.Stages.Sum(s => s.Blocks.Count)} blocks; expected 1 to {MaxBlocks}.");
        for (int s = 0; s < c.Stages.Count; s++)
        {
            var stage = c.Stages[s];
            Require(stage.EmbedDim is > 0 and <= MaxDim, $"stages[{s}].embedDim is {stage.EmbedDim}; expected 1 to {MaxDim}.");
            for (int i = 0; i < stage.Blocks.Count; i++)
            {
                var b = stage.Blocks[i];
                Require(b.Heads is >= 0 and <= 1024 && b.HeadDim is >= 0 and <= MaxDim && (b.Heads == 0) == (b.HeadDim == 0),
                    $"stages[{s}].blocks[{i}] has heads {b.Heads} and headDim {b.HeadDim}; expected both positive, or both 0 for a block without attention.");
                Require(b.MlpHiddenDim is >= 0 and <= MaxDim * 8, $"stages[{s}].blocks[{i}].mlpHiddenDim is {b.MlpHiddenDim}; expected 0 to {MaxDim * 8}.");
            }
        }
        if (c.Family == ModelFamily.Swin)
        {
            Require(c.WindowSize is > 0 and <= 256, $"windowSize is {c.WindowSize}; a Swin model needs 1 to 256.");
            Require(!c.DistillationToken && !c.LayerScale, "distillationToken and layerScale are not part of Swin v1.");
            if (faults.Count == 0) CheckWindows(c, Require);
        }
        else if (c.Family == ModelFamily.PvtV2)
        {
            Require(c.WindowSize == 0, $"windowSize is {c.WindowSize}; a PVTv2 has none (0).");
            Require(!c.DistillationToken && !c.LayerScale, "distillationToken and layerScale are not part of PVTv2.");
            Require(c.Stages.All(s => s.Blocks.Count > 0), "stages has one without blocks; each stage of a PVTv2 has some.");
            if (faults.Count == 0) CheckReductions(c, Require);
        }
        else
        {
            Require(c.Stages.Count == 1, $"stages has {c.Stages.Count} entries; a ViT has exactly one.");
            Require(c.WindowSize == 0, $"windowSize is {c.WindowSize}; a ViT has none (0).");
            Require(!(c.DistillationToken && c.Pooling == Pooling.Mean), "distillationToken needs class-token pooling.");
        }
        Require(c.ReductionRatios is null || c.Family == ModelFamily.PvtV2, $"reductionRatios is [{string.Join(", ", c.ReductionRatios ?? [])}]; only a PVTv2 has them.");
        faults.AddRange(c.Preprocessing.Faults());
        return faults;
    }

    /// <summary>Each stage's grid is half as wide as the one before, and squares of reduced tokens tile it.</summary>
    private static void CheckReductions(ModelConfiguration c, Action<bool, string> require)
    {
        var ratios = c.ReductionRatios ?? [];
        require(ratios.Count == c.Stages.Count, $"reductionRatios is [{string.Join(", ", ratios)}]; a PVTv2 needs one for each of its {c.Stages.Count} stages.");
        int resolution = c.ImageSize / c.PatchSize;
        for (int s = 0; s < c.Stages.Count; s++, resolution /= 2)
        {
            require(s == c.Stages.Count - 1 || resolution % 2 == 0 && resolution > 0,
                $"stages[{s}] has {resolution} x {resolution} tokens, which the next stage cannot halve; choose another imageSize.");
            if (s < ratios.Count)
                require(ratios[s] > 0 && resolution % ratios[s] == 0 && resolution > 0,
                    $"reductionRatios[{s}] is {ratios[s]}; expected a divisor of the stage's {resolution} tokens a side. Choose another imageSize or ratio.");
        }
    }

    /// <summary>Windows tile the token grid of each stage, and patch merging halves it.</summary>
    private static void CheckWindows(ModelConfiguration c, Action<bool, string> require)
    {
        int resolution = c.ImageSize / c.PatchSize;
        for (int s = 0; s < c.Stages.Count; s++, resolution /= 2)
        {
            require(resolution <= c.WindowSize || resolution % c.WindowSize == 0,
                $"stages[{s}] has {resolution} x {resolution} tokens, not a multiple of windowSize {c.WindowSize}; choose another imageSize.");
            require(s == c.Stages.Count - 1 || resolution % 2 == 0 && resolution > 0,
                $"stages[{s}] has {resolution} x {resolution} tokens, which patch merging cannot halve; choose another imageSize.");
        }
    }
}
