using System.Globalization;
using MLNet.ViTPruning.Charts;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>A training's curves as a picture: loss above, validation accuracy and learning rate below, over the epochs.</summary>
internal static class CurvesSvg
{
    private const int Width = 760, Height = 560, Left = 64, Right = Width - 76, PanelHeight = 190;
    private const int LossTop = 54, AccuracyTop = 310;

    /// <summary>Draws the curves.</summary>
    /// <param name="epochs">The epochs in order; at least one.</param>
    /// <param name="title">What was trained; null for no title.</param>
    /// <returns>The SVG file's text; the same epochs give the same text.</returns>
    public static string Of(IReadOnlyList<TrainingMetrics> epochs, string? title = null)
    {
        var svg = new SvgCanvas(Width, Height, title ?? "Training curves");
        if (title is not null) svg.Text(Left, 22, title, "title");

        var across = ChartAxis.Counted(epochs[0].Epoch, epochs[^1].Epoch, Left, Right);
        Curve train = new("train", "training loss", epochs, epoch => epoch.TrainLoss), validation = new("validation", "validation loss", epochs, epoch => epoch.ValidationLoss);
        Curve accuracy = new("accuracy", "validation accuracy, %", epochs, epoch => epoch.ValidationAccuracy), rate = new("rate", "learning rate (right)", epochs, epoch => epoch.LearningRate);

        var loss = ChartAxis.Round([.. train.Values, .. validation.Values], LossTop + PanelHeight, LossTop);
        Panel(svg, LossTop, across, loss);
        Draw(svg, LossTop, across, [(train, loss), (validation, loss)]);

        var rates = ChartAxis.Round([0, .. rate.Values], AccuracyTop + PanelHeight, AccuracyTop);
        if (accuracy.Points.Count > 0)
        {
            var percent = ChartAxis.Round(accuracy.Values, AccuracyTop + PanelHeight, AccuracyTop);
            Panel(svg, AccuracyTop, across, percent);
            Labels(svg, rates, Right + 8, "start");
            Draw(svg, AccuracyTop, across, [(accuracy, percent), (rate, rates)]);
        }
        else
        {
            Panel(svg, AccuracyTop, across, rates);
            Draw(svg, AccuracyTop, across, [(rate with { Name = "learning rate" }, rates)]);
        }
        svg.Text((Left + Right) / 2, AccuracyTop + PanelHeight + 38, "epoch", anchor: "middle");
        return svg.ToString();
    }

    private static void Panel(SvgCanvas svg, int top, ChartAxis across, ChartAxis up)
    {
        foreach (double tick in up.Ticks) svg.Line(Left, up.At(tick), Right, up.At(tick), "grid");
        foreach (double tick in across.Ticks)
        {
            svg.Line(across.At(tick), top, across.At(tick), top + PanelHeight, "grid");
            svg.Text(across.At(tick), top + PanelHeight + 18, ChartAxis.Label(tick), anchor: "middle");
        }
        Labels(svg, up, Left - 8, "end");
    }

    private static void Labels(SvgCanvas svg, ChartAxis up, double x, string anchor)
    {
        foreach (double tick in up.Ticks) svg.Text(x, up.At(tick) + 4, ChartAxis.Label(tick), anchor: anchor);
    }

    private static void Draw(SvgCanvas svg, int top, ChartAxis across, ReadOnlySpan<(Curve Curve, ChartAxis Up)> curves)
    {
        double x = Left;
        foreach (var (curve, up) in curves)
        {
            if (curve.Points.Count == 0) continue;
            svg.Line(x, top - 14, x + 22, top - 14, curve.Class, 2);
            svg.Text(x + 28, top - 10, curve.Name);
            x += 48 + 7 * curve.Name.Length;
            foreach (var piece in curve.Pieces()) svg.Curve(piece.Select(point => (across.At(point.Epoch), up.At(point.Value))), curve.Class);
            if (curve.Points.Count > 40) continue;
            foreach (var (epoch, value) in curve.Points)
                svg.Dot(across.At(epoch), up.At(value), curve.Class, string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}: {curve.Name} {value:G5}"));
        }
    }

    /// <summary>One quantity over the epochs; epochs where it is missing or no finite number are gaps.</summary>
    private sealed record Curve(string Class, string Name, IReadOnlyList<(int Epoch, double Value)> Points)
    {
        public Curve(string kind, string name, IReadOnlyList<TrainingMetrics> epochs, Func<TrainingMetrics, double?> value)
            : this(kind, name, [.. epochs.Where(epoch => value(epoch) is { } v && double.IsFinite(v)).Select(epoch => (epoch.Epoch, value(epoch)!.Value))])
        {
        }

        public IEnumerable<double> Values => Points.Select(point => point.Value);

        /// <summary>The runs of epochs without a gap.</summary>
        public IEnumerable<IReadOnlyList<(int Epoch, double Value)>> Pieces() =>
            Points.Select((point, i) => (Run: point.Epoch - i, Point: point)).GroupBy(entry => entry.Run, entry => entry.Point).Select(piece => (IReadOnlyList<(int, double)>)[.. piece]);
    }
}
