using System.Globalization;
using MLNet.ViTPruning.Charts;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.PatchSkipping.Explain;

/// <summary>What layers skip and change, as SVG: a line chart, which there is in pixels too, and the pictures of <see cref="SkipPictures"/> with a caption each.</summary>
public static class SkipCharts
{
    private const int PanelSide = 168, PanelGap = 12, PanelCaption = 20;

    private const int Width = 640, Height = 320, Left = 64, Right = Width - 24, Top = 44, Bottom = Height - 56;

    /// <summary>The mean scaled cosine of every layer, as a line over the layers.</summary>
    /// <param name="explanations">One for each image, of one model; the line is the mean over them.</param>
    /// <returns>The SVG file's text; the same explanations give the same text.</returns>
    /// <exception cref="ArgumentException">There are none, or they are of models with different numbers of layers.</exception>
    public static string MeanSimilarity(IReadOnlyList<SkipExplanation> explanations)
    {
        var svg = new SvgCanvas(Width, Height, "Scaled cosine similarity of patches before and after each layer");
        DrawMean(svg, explanations);
        return svg.ToString();
    }

    /// <summary>The chart of <see cref="MeanSimilarity"/> as a picture.</summary>
    /// <param name="explanations">One for each image, of one model.</param>
    /// <returns>The picture, on white.</returns>
    /// <exception cref="ArgumentException">There are none, or they are of models with different numbers of layers.</exception>
    public static RgbImage MeanSimilarityPicture(IReadOnlyList<SkipExplanation> explanations)
    {
        var canvas = new PixelCanvas(Width, Height);
        DrawMean(canvas, explanations);
        return canvas.ToImage();
    }

    /// <summary>The pictures of <see cref="SkipPictures.AllLayers"/>, each with its layer and how many patches idle there.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="columns">Pictures in a row, at least 1.</param>
    /// <returns>The SVG file's text; the pictures are inside.</returns>
    public static string AllLayers(SkipExplanation explanation, int columns = 4)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        return Sheet("Patches that each layer skips are dark", SkipPictures.LayerPanels(explanation), columns);
    }

    /// <summary>The heat maps of <see cref="SkipPictures.Similarity"/>, each with its layer's mean.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="columns">Grids in a row, at least 1.</param>
    /// <returns>The SVG file's text; the pictures are inside.</returns>
    public static string Similarity(SkipExplanation explanation, int columns = 4)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        return Sheet(FormattableString.Invariant($"Scaled cosine of patches before and after each layer, dark {explanation.ScaledCosine.Min():0.00} to yellow {explanation.ScaledCosine.Max():0.00}"),
            SkipPictures.SimilarityPanels(explanation), columns);
    }

    /// <summary>The picture of <see cref="SkipPictures.Depth"/>.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <returns>The SVG file's text; the picture is inside.</returns>
    public static string Depth(SkipExplanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        var depth = explanation.Depth;
        return Sheet("Layers that computed each patch", [new(SkipPictures.Depth(explanation), $"{depth.Min()} to {depth.Max()} of {explanation.Layers}, light: many")], 2);
    }

    private static string Sheet(string title, IReadOnlyList<SkipPanel> panels, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        columns = Math.Max(Math.Min(columns, panels.Count), 2);     // the title needs some room
        int rows = (panels.Count + columns - 1) / columns, step = PanelSide + PanelGap;
        var svg = new SvgCanvas(PanelGap + columns * step, Top + rows * (step + PanelCaption), title);
        svg.Text(PanelGap, 22, title, "title");
        for (int i = 0; i < panels.Count; i++)
        {
            var (x, y) = (PanelGap + i % columns * step, Top + i / columns * (step + PanelCaption));
            svg.Image(x, y, PanelSide, PanelSide, PngFile.Encode(panels[i].Picture), panels[i].Caption);
            svg.Text(x, y + PanelSide + 15, panels[i].Caption);
        }
        return svg.ToString();
    }

    private static void DrawMean(IChartCanvas canvas, IReadOnlyList<SkipExplanation> explanations)
    {
        double[] mean = Mean(explanations);
        canvas.Text(Left, 22, "Scaled cosine of patches before and after each layer, mean", "title");
        var (across, up) = (ChartAxis.Counted(0, mean.Length - 1, Left, Right), ChartAxis.Round(mean, Bottom, Top));
        foreach (double tick in up.Ticks)
        {
            canvas.Line(Left, up.At(tick), Right, up.At(tick), "grid");
            canvas.Text(Left - 8, up.At(tick) + 4, ChartAxis.Label(tick), anchor: "end");
        }
        foreach (double tick in across.Ticks) canvas.Text(across.At(tick), Bottom + 18, ChartAxis.Label(tick), anchor: "middle");
        canvas.Curve(mean.Select((value, layer) => (across.At(layer), up.At(value))), "train");
        for (int layer = 0; layer < mean.Length; layer++)
            canvas.Dot(across.At(layer), up.At(mean[layer]), "train", string.Create(CultureInfo.InvariantCulture, $"layer {layer}: {mean[layer]:0.0000}"));
        canvas.Text((Left + Right) / 2, Bottom + 40, "layer", anchor: "middle");
    }

    private static double[] Mean(IReadOnlyList<SkipExplanation> explanations)
    {
        ArgumentNullException.ThrowIfNull(explanations);
        if (explanations.Count == 0) throw new ArgumentException("There is no explanation to draw; expected at least one.", nameof(explanations));
        int layers = explanations[0].Layers;
        if (explanations.Any(e => e.Layers != layers)) throw new ArgumentException("The explanations have different numbers of layers; give those of one model.", nameof(explanations));
        var means = explanations.Select(e => e.MeanScaledCosine).ToList();      // each access computes them
        return [.. Enumerable.Range(0, layers).Select(layer => means.Average(mean => mean[layer]))];
    }
}
