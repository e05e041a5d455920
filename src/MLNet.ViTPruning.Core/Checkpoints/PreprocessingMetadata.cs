using System.Text.Json;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Reads the <c>preprocessing</c> text that files from elsewhere may carry: resize, crop, interpolation, clamp, round, mean,
/// std.</summary>
internal static class PreprocessingMetadata
{
    /// <exception cref="InvalidDataException">The text is broken, or asks for something that <see cref="Preprocessing"/> does not
    /// do.</exception>
    public static Preprocessing Parse(string json, int imageSize)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement, imageSize);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Bad(e.Message, e);
        }
    }

    private static Preprocessing Read(JsonElement root, int imageSize)
    {
        string[] known = ["resize", "crop", "interpolation", "clamp", "round", "mean", "std"];
        string[] unknown = [.. root.EnumerateObject().Select(p => p.Name).Except(known)];
        if (unknown.Length > 0) throw Bad($"it has the unknown member {string.Join(", ", unknown)}");
        var kind = root.GetProperty("interpolation").GetString() switch
        {
            "bicubic-torch" => Interpolation.BicubicTorch,
            "bicubic-pillow" => Interpolation.BicubicPillow,
            "bilinear" => Interpolation.Bilinear,
            var other => throw Bad($"interpolation is '{other}'; expected bicubic-pillow, bicubic-torch or bilinear"),
        };
        // What each kernel does belongs to its name; a file that says otherwise wants another result.
        if (root.TryGetProperty("round", out var round) && round.GetBoolean() != (kind != Interpolation.BicubicTorch))
            throw Bad($"round is {round.GetBoolean()}, which {kind} does not do");
        if (root.TryGetProperty("clamp", out var clamp) && !Numbers(clamp).SequenceEqual([0, 255])) throw Bad("clamp is not [0, 255]");
        double[] resize = Numbers(root.GetProperty("resize"));
        double[]? crop = root.TryGetProperty("crop", out var c) && c.ValueKind != JsonValueKind.Null ? Numbers(c) : null;
        if (crop is not null && !crop.All(v => v == imageSize))
            throw Bad($"crop is [{string.Join(", ", crop)}], the model's input {imageSize}");
        bool both = resize.Length == 2;
        if (resize.Length is not (1 or 2) || both != crop is null || (both && !resize.All(v => v == imageSize)))
            throw Bad($"resize is [{string.Join(", ", resize)}]; expected [{imageSize}, {imageSize}] without a crop, or the shorter side's length with one");
        var preprocessing = new Preprocessing
        {
            ResizeShorterSide = both ? null : (int)Math.Clamp(resize[0], int.MinValue, int.MaxValue),
            Interpolation = kind,
            Mean = Numbers(root.GetProperty("mean")),
            Std = Numbers(root.GetProperty("std")),
        };
        string[] faults = [.. preprocessing.Faults()];
        return faults.Length == 0 ? preprocessing : throw Bad(string.Join(" ", faults));
    }

    private static double[] Numbers(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => v.GetDouble())] : [value.GetDouble()];

    private static InvalidDataException Bad(string why, Exception? inner = null) =>
        new($"The file's preprocessing is not valid: {why.TrimEnd('.')}.", inner);
}
