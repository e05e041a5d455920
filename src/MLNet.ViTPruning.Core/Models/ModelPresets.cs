using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Models;

/// <summary>The published shapes, one row of data each.</summary>
public static class ModelPresets
{
    private sealed record Row(string Name, ModelFamily Family, int ImageSize, int PatchSize, int Window, int[] Widths, int[] Depths, int[] Heads,
        int NumClasses, Preprocessing Preprocessing, bool Distilled = false, int[]? Reductions = null, int[]? MlpRatios = null);

    private static readonly Preprocessing Half248 = Preprocessing.Half with { ResizeShorterSide = 248 };
    private static readonly Preprocessing ImageNet248 = Preprocessing.ImageNet with { ResizeShorterSide = 248 };
    private static readonly Preprocessing Cifar = Preprocessing.Half;
    private static readonly int[] PvtReductions = [8, 4, 2, 1], PvtMlpRatios = [8, 8, 4, 4];

    private static readonly Row[] Rows =
    [
        //   name                                family            image patch window  widths                depths          heads            classes input        distilled
        new("vit_tiny_patch16_224",              ModelFamily.Vit,  224,  16,   0,      [192],                [12],           [3],             1000,   Half248),
        new("vit_small_patch16_224",             ModelFamily.Vit,  224,  16,   0,      [384],                [12],           [6],             1000,   Half248),
        new("vit_base_patch16_224",              ModelFamily.Vit,  224,  16,   0,      [768],                [12],           [12],            1000,   Half248),
        new("deit_tiny_patch16_224",             ModelFamily.Vit,  224,  16,   0,      [192],                [12],           [3],             1000,   ImageNet248),
        new("deit_small_patch16_224",            ModelFamily.Vit,  224,  16,   0,      [384],                [12],           [6],             1000,   ImageNet248),
        new("deit_base_patch16_224",             ModelFamily.Vit,  224,  16,   0,      [768],                [12],           [12],            1000,   ImageNet248),
        new("deit_tiny_distilled_patch16_224",   ModelFamily.Vit,  224,  16,   0,      [192],                [12],           [3],             1000,   ImageNet248, true),
        new("deit_small_distilled_patch16_224",  ModelFamily.Vit,  224,  16,   0,      [384],                [12],           [6],             1000,   ImageNet248, true),
        new("deit_base_distilled_patch16_224",   ModelFamily.Vit,  224,  16,   0,      [768],                [12],           [12],            1000,   ImageNet248, true),
        new("swin_tiny_patch4_window7_224",      ModelFamily.Swin, 224,  4,    7,      [96, 192, 384, 768],  [2, 2, 6, 2],   [3, 6, 12, 24],  1000,   ImageNet248),
        new("swin_small_patch4_window7_224",     ModelFamily.Swin, 224,  4,    7,      [96, 192, 384, 768],  [2, 2, 18, 2],  [3, 6, 12, 24],  1000,   ImageNet248),
        new("swin_base_patch4_window7_224",      ModelFamily.Swin, 224,  4,    7,      [128, 256, 512, 1024], [2, 2, 18, 2], [4, 8, 16, 32],  1000,   ImageNet248),
        new("pvt_v2_b0",                         ModelFamily.PvtV2, 224, 4,   0,      [32, 64, 160, 256],   [2, 2, 2, 2],   [1, 2, 5, 8],    1000,   ImageNet248, false, PvtReductions, PvtMlpRatios),
        new("pvt_v2_b1",                         ModelFamily.PvtV2, 224, 4,   0,      [64, 128, 320, 512],  [2, 2, 2, 2],   [1, 2, 5, 8],    1000,   ImageNet248, false, PvtReductions, PvtMlpRatios),
        new("pvt_v2_b2",                         ModelFamily.PvtV2, 224, 4,   0,      [64, 128, 320, 512],  [3, 4, 6, 3],   [1, 2, 5, 8],    1000,   ImageNet248, false, PvtReductions, PvtMlpRatios),
        new("vit_patch4_32",                     ModelFamily.Vit,  32,   4,    0,      [192],                [6],            [3],             100,    Cifar),
        new("swin_patch2_window4_32",            ModelFamily.Swin, 32,   2,    4,      [64, 128, 256],       [2, 2, 6],      [2, 4, 8],       100,    Cifar),
    ];

    /// <summary>All presets, by name.</summary>
    public static IReadOnlyDictionary<string, ModelConfiguration> All { get; } = Rows.ToDictionary(row => row.Name, Build, StringComparer.Ordinal);

    /// <summary>A preset.</summary>
    /// <param name="name">Its name, as timm has it, such as <c>vit_tiny_patch16_224</c>.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ArgumentException">There is no such preset; the message lists the names.</exception>
    public static ModelConfiguration Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.TryGetValue(name, out var configuration) ? configuration
            : throw new ArgumentException($"There is no preset '{name}'. Choose one of: {string.Join(", ", Rows.Select(row => row.Name))}.", nameof(name));
    }

    /// <summary>The preset whose structure a model has, whatever it started from: as timm's model of that name its weights can be loaded.</summary>
    /// <param name="configuration">The model.</param>
    /// <returns>The preset's name; where several have that structure the one it started from, or one with the same input. Null where none has.</returns>
    public static string? NameOf(ModelConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return All.Where(preset => HaveOneStructure(preset.Value, configuration))
            .OrderByDescending(preset => preset.Key == configuration.Architecture).ThenByDescending(preset => preset.Value.Preprocessing == configuration.Preprocessing)
            .Select(preset => preset.Key).FirstOrDefault();
    }

    /// <summary>Whether two models differ in nothing but the outputs, the input's preparation and where they come from.</summary>
    internal static bool HaveOneStructure(ModelConfiguration one, ModelConfiguration other)
    {
        ModelConfiguration Bare(ModelConfiguration c) => c with { Architecture = null, NumClasses = 1, LabelNames = null, Preprocessing = other.Preprocessing };
        return Bare(one) == Bare(other);
    }

    /// <summary>The same structure with another number of outputs.</summary>
    /// <param name="configuration">The structure.</param>
    /// <param name="numClasses">Number of outputs.</param>
    /// <param name="labelNames">Their names in order, or null where they are not known.</param>
    /// <returns>A new configuration.</returns>
    public static ModelConfiguration WithClasses(this ModelConfiguration configuration, int numClasses, IReadOnlyList<string>? labelNames = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration with { NumClasses = numClasses, LabelNames = labelNames };
    }

    private static ModelConfiguration Build(Row row) => new()
    {
        Family = row.Family,
        Architecture = row.Name,
        ImageSize = row.ImageSize,
        PatchSize = row.PatchSize,
        WindowSize = row.Window,
        ReductionRatios = row.Reductions,
        NumClasses = row.NumClasses,
        LabelNames = row.NumClasses == ImageNetClasses.Wnids.Count ? ImageNetClasses.Wnids : null,
        DistillationToken = row.Distilled,
        LayerNormEpsilon = row.Family == ModelFamily.Swin ? 1e-5 : 1e-6,
        Preprocessing = row.Preprocessing,
        Stages = [.. row.Widths.Select((width, s) => new StageConfiguration(width,
            [.. Enumerable.Repeat(new BlockConfiguration(row.Heads[s], width / row.Heads[s], (row.MlpRatios?[s] ?? 4) * width), row.Depths[s])]))],
    };
}
