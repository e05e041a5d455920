using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.PatchSkipping.Explain;

/// <summary>Draws what a model skipped of an image.</summary>
public static class SkipPictures
{
    private const int Gap = 4;                  // pixels between the pictures of layers
    private const int CellSide = 8;             // pixels of a patch in a heat map
    private const double Shade = 0.12;          // what is left of a skipped patch's brightness: black, and yet one sees what it was

    // Dark blue over green to yellow: light and dark also for those who do not tell the colours.
    private static readonly (double R, double G, double B)[] Scale = [(13, 8, 85), (27, 94, 125), (40, 160, 120), (150, 205, 70), (250, 232, 60)];

    /// <summary>The image with the patches dark that a layer skipped.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="layer">The layer.</param>
    public static RgbImage Layer(SkipExplanation explanation, int layer)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, explanation.Layers);
        var image = explanation.Image;
        byte[] pixels = image.Pixels.ToArray();
        int patch = image.Width / explanation.Side, cells = explanation.Side * explanation.Side;
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++)
            {
                if (explanation.KeepMap[layer * cells + y / patch * explanation.Side + x / patch]) continue;
                for (int c = 0; c < 3; c++) pixels[3 * (y * image.Width + x) + c] = (byte)(pixels[3 * (y * image.Width + x) + c] * Shade);
            }
        return new RgbImage(image.Width, image.Height, pixels);
    }

    /// <summary>The image, and beside it one picture of every layer from the first on that skips.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="columns">Pictures in a row, at least 1.</param>
    public static RgbImage AllLayers(SkipExplanation explanation, int columns = 4)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        return Beside(LayerPanels(explanation), columns);
    }

    /// <summary>Heat map of the scaled cosine: a grid for every layer, dark where the layer changes a patch most.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="columns">Grids in a row, at least 1.</param>
    public static RgbImage Similarity(SkipExplanation explanation, int columns = 4)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        return Beside(SimilarityPanels(explanation), columns);
    }

    /// <summary>How many layers computed each patch: the lighter, the more.</summary>
    /// <param name="explanation">The explanation.</param>
    public static RgbImage Depth(SkipExplanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        var depth = explanation.Depth;
        return Grid(explanation.Side, patch => (double)depth[patch] / explanation.Layers);
    }

    /// <summary>The image, and each layer that skips.</summary>
    internal static IReadOnlyList<SkipPanel> LayerPanels(SkipExplanation explanation)
    {
        int cells = explanation.Side * explanation.Side;
        int Skipped(int layer) => explanation.KeepMap.Skip(layer * cells).Take(cells).Count(kept => !kept);
        return
        [
            new(explanation.Image, "the image"),
            .. Enumerable.Range(0, explanation.Layers).Where(layer => Skipped(layer) > 0)
                .Select(layer => new SkipPanel(Layer(explanation, layer), $"layer {layer}: {Skipped(layer)} of {cells} idle")),
        ];
    }

    /// <summary>The heat map of each layer, all on one scale.</summary>
    internal static IReadOnlyList<SkipPanel> SimilarityPanels(SkipExplanation explanation)
    {
        int cells = explanation.Side * explanation.Side;
        var (low, high) = (explanation.ScaledCosine.Min(), explanation.ScaledCosine.Max());
        var mean = explanation.MeanScaledCosine;
        return [.. Enumerable.Range(0, explanation.Layers).Select(layer => new SkipPanel(
            Grid(explanation.Side, patch => high > low ? (explanation.ScaledCosine[layer * cells + patch] - low) / (high - low) : 1),
            FormattableString.Invariant($"layer {layer}: mean {mean[layer]:0.000}")))];
    }

    private static RgbImage Grid(int side, Func<int, double> value)
    {
        int size = side * CellSide;
        byte[] pixels = new byte[3 * size * size];
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
            {
                var (r, g, b) = Colour(value(y / CellSide * side + x / CellSide));
                (pixels[3 * (y * size + x)], pixels[3 * (y * size + x) + 1], pixels[3 * (y * size + x) + 2]) = (r, g, b);
            }
        return new RgbImage(size, size, pixels);
    }

    private static (byte R, byte G, byte B) Colour(double value)
    {
        double at = Math.Clamp(value, 0, 1) * (Scale.Length - 1);
        int i = Math.Min((int)at, Scale.Length - 2);
        var (a, b, share) = (Scale[i], Scale[i + 1], at - i);
        return ((byte)(a.R + (b.R - a.R) * share), (byte)(a.G + (b.G - a.G) * share), (byte)(a.B + (b.B - a.B) * share));
    }

    private static RgbImage Beside(IReadOnlyList<SkipPanel> panels, int columns)
    {
        var pictures = panels.Select(panel => panel.Picture).ToList();
        columns = Math.Min(columns, pictures.Count);
        var (w, h, rows) = (pictures[0].Width, pictures[0].Height, (pictures.Count + columns - 1) / columns);
        int width = columns * (w + Gap) - Gap, height = rows * (h + Gap) - Gap;
        byte[] pixels = new byte[3 * width * height];
        pixels.AsSpan().Fill(byte.MaxValue);
        for (int i = 0; i < pictures.Count; i++)
        {
            int left = i % columns * (w + Gap), top = i / columns * (h + Gap);
            for (int y = 0; y < h; y++) pictures[i].Pixels.Slice(3 * y * w, 3 * w).CopyTo(pixels.AsSpan(3 * ((top + y) * width + left)));
        }
        return new RgbImage(width, height, pixels);
    }
}
