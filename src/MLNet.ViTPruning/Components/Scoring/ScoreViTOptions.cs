using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Components;

/// <summary>Which model scores images, and how.</summary>
public sealed record ScoreViTOptions
{
    /// <summary>The model's file: <c>.safetensors</c>, or a PyTorch <c>.pth</c>, <c>.pt</c> or <c>.bin</c>. Give this or <see cref="Model"/>.</summary>
    public string? Weights { get; init; }

    /// <summary>A model in memory. It is copied at <c>Fit</c>; the caller keeps its own. Give this or <see cref="Weights"/>.</summary>
    public VisionModel? Model { get; init; }

    /// <summary>How <see cref="Model"/> was pruned, as JSON, to be saved with it; a weights file brings its own.</summary>
    public string? Plan { get; init; }

    /// <summary>The preset of a weights file that does not name its architecture, for example <c>deit_tiny_patch16_224</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>Names of the classes in the model's order; <see langword="null"/> takes those of the file.</summary>
    public IReadOnlyList<string>? LabelNames { get; init; }

    /// <summary>Input column: an image (<c>MLImage</c>), an encoded file (vector of Byte), a path (text) or planar RGB
    /// values 0..255 (vector of Single, <c>3 * imageSize * imageSize</c>).</summary>
    /// <value>The default is <c>Image</c>.</value>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>Output column: probabilities, vector of Single.</summary>
    /// <value>The default is <c>Score</c>.</value>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>Output column: the most probable class, a key.</summary>
    /// <value>The default is <c>PredictedLabel</c>.</value>
    public string PredictedLabelColumnName { get; init; } = "PredictedLabel";

    /// <summary>Images per forward pass when a data view is read.</summary>
    /// <value>The default is 32.</value>
    public int BatchSize { get; init; } = 32;

    /// <summary>Numeric precision of linear layers and attention products.</summary>
    /// <value>The default is <see cref="ComputePrecision.Float32"/>.</value>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Float32;

    /// <summary>The GPU; <see langword="null"/> takes <c>MLContext.GpuDeviceId</c>, and without that the CPU.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>Whether to score on the CPU where the GPU cannot be used; <see langword="null"/> takes <c>MLContext.FallbackToCpu</c>.</summary>
    public bool? FallbackToCpu { get; init; }

    internal void Validate() => Check.All(
        Check.That(Weights is null != Model is null, Weights is null ? "Neither Weights nor Model is given; expected one of them." : "Both Weights and Model are given; expected one of them."),
        Check.NotEmpty(ImageColumnName),
        Check.NotEmpty(ScoreColumnName),
        Check.NotEmpty(PredictedLabelColumnName),
        Check.That(ScoreColumnName != PredictedLabelColumnName, $"ScoreColumnName and PredictedLabelColumnName are both '{ScoreColumnName}'; they must differ."),
        Check.AtLeast(BatchSize, 1),
        Check.Defined(Precision),
        Check.AtLeast(GpuDeviceId, 0));

    internal ScoringSettings Settings => new()
    {
        ImageColumnName = ImageColumnName,
        ScoreColumnName = ScoreColumnName,
        PredictedLabelColumnName = PredictedLabelColumnName,
        BatchSize = BatchSize,
        Precision = Precision,
    };
}
