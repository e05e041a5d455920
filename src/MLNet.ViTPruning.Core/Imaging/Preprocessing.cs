using System.Text.Json.Serialization;

namespace MLNet.ViTPruning.Imaging;

/// <summary>A resampling kernel, named so that a model's file can say which one it was trained with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Interpolation>))]
public enum Interpolation
{
    /// <summary>Pillow's bicubic: a = -0.5, antialiased when it shrinks, rounded to 8 bits after each pass.</summary>
    [JsonStringEnumMemberName("bicubic-pillow")] BicubicPillow,

    /// <summary>torch's <c>interpolate</c>: a = -0.75, half-pixel centres, no antialiasing, clamped to 0..255, not rounded.</summary>
    [JsonStringEnumMemberName("bicubic-torch")] BicubicTorch,

    /// <summary>Pillow's bilinear: triangle kernel, antialiased when it shrinks, rounded to 8 bits after each pass.</summary>
    [JsonStringEnumMemberName("bilinear")] Bilinear,
}

/// <summary>How an image becomes a model's input. It belongs to the weights: a wrong one silently costs accuracy.</summary>
/// <remarks>An RGB image of any size is resized, cropped at the centre to the model's input size, scaled to 0..1 and
/// normalised per channel with <see cref="Mean"/> and <see cref="Std"/>.</remarks>
public sealed record Preprocessing
{
    /// <summary>Length of the shorter side after resizing, the aspect ratio kept, or null to resize both sides
    /// straight to the input size without a crop.</summary>
    /// <value>The default is null.</value>
    public int? ResizeShorterSide { get; init; }

    /// <summary>The resampling kernel.</summary>
    /// <value>The default is <see cref="Interpolation.BicubicPillow"/>.</value>
    public Interpolation Interpolation { get; init; } = Interpolation.BicubicPillow;

    /// <summary>Mean per channel (R, G, B), of values in 0..1.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>Standard deviation per channel (R, G, B), of values in 0..1.</summary>
    public required IReadOnlyList<double> Std { get; init; }

    /// <summary>Mean and standard deviation 0.5 in each channel: timm's augreg ViT.</summary>
    public static Preprocessing Half { get; } = new() { Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5] };

    /// <summary>ImageNet's channel statistics: DeiT, Swin.</summary>
    public static Preprocessing ImageNet { get; } = new() { Mean = [0.485, 0.456, 0.406], Std = [0.229, 0.224, 0.225] };

    internal IEnumerable<string> Faults()
    {
        if (ResizeShorterSide is <= 0 or > 1 << 14) yield return $"preprocessing.resizeShorterSide is {ResizeShorterSide}; expected 1 to 16384, or none.";
        if (!Enum.IsDefined(Interpolation)) yield return $"preprocessing.interpolation is {(int)Interpolation}; expected bicubic-pillow, bicubic-torch or bilinear.";
        if (Mean.Count != 3 || !Mean.All(double.IsFinite)) yield return $"preprocessing.mean has {Mean.Count} values; expected 3 finite ones.";
        if (Std.Count != 3 || !Std.All(v => double.IsFinite(v) && v > 0)) yield return $"preprocessing.std has {Std.Count} values; expected 3 positive ones.";
    }

    /// <inheritdoc/>
    public bool Equals(Preprocessing? other) => other is not null && ResizeShorterSide == other.ResizeShorterSide
        && Interpolation == other.Interpolation && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ResizeShorterSide, Interpolation, Mean[0], Std[0]);
}
