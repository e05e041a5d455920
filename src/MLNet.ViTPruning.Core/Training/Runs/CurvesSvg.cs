using System.Globalization;
using System.Net;
using System.Text;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>A training's curves as a picture: loss above, validation accuracy and learning rate below, over the epochs.</summary>
internal static class CurvesSvg
{
    private const int Width = 760, Height = 560, Left = 64, Right = Width - 76, PanelHeight = 190;
    private const int LossTop = 54, AccuracyTop = 310;

    // Colours stand in classes, so that one file suits light and dark pages; a viewer that knows no media queries shows the light ones.
    private const string Style = """
        text { font: 12px system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; fill: #57606a }
        .page { fill: #ffffff } .title { font-weight: 600; fill: #1f2328 } .grid { stroke: #d8dee4; stroke-width: 1 }
        polyline { fill: none; stroke-width: 2; stroke-linejoin: round } .rate { stroke-dasharray: 5 4 }
        .train { stroke: #0969da } .validation { stroke: #cf4a0c } .accuracy { stroke: #1a7f37 } .rate { stroke: #8250df }
        .dot { stroke: none } .train.dot { fill: #0969da } .validation.dot { fill: #cf4a0c } .accuracy.dot { fill: #1a7f37 } .rate.dot { fill: #8250df }
        @media (prefers-color-scheme: dark) {
        text { fill: #9198a1 } .page { fill: #0d1117 } .title { fill: #f0f6fc } .grid { stroke: #30363d }
        .train { stroke: #58a6ff } .validation { stroke: #ff8c5a } .accuracy { stroke: #3fb950 } .rate { stroke: #bc8cff }
        .train.dot { fill: #58a6ff } .validation.dot { fill: #ff8c5a } .accuracy.dot { fill: #3fb950 } .rate.dot { fill: #bc8cff }
        }
        """;

    /// <summary>Draws the curves.</summary>
    /// <param name="epochs">The epochs in order; at least one.</param>
    /// <param name="title">What was trained; null for no title.</param>
    /// <returns>The SVG file's text; the same epochs give the same text.</returns>
    public static string Of(IReadOnlyList<TrainingMetrics> epochs, string? title = null)
    {
        var svg = new StringBuilder();
        svg.Append(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height}" viewBox="0 0 {Width} {Height}" role="img">""")).Append('\n');
        svg.Append($"<title>{WebUtility.HtmlEncode(title ?? "Training curves")}</title>\n<style>\n{Style}\n</style>\n");
        svg.Append(Invariant($"""<rect class="page" width="{Width}" height="{Height}"/>""")).Append('\n');
        if (title is not null) Text(svg, Left, 22, title, "title");

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
        Text(svg, (Left + Right) / 2, AccuracyTop + PanelHeight + 38, "epoch", anchor: "middle");
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, int top, ChartAxis across, ChartAxis up)
    {
        foreach (double tick in up.Ticks) Line(svg, Left, up.At(tick), Right, up.At(tick), "grid");
        foreach (double tick in across.Ticks)
        {
            Line(svg, across.At(tick), top, across.At(tick), top + PanelHeight, "grid");
            Text(svg, across.At(tick), top + PanelHeight + 18, ChartAxis.Label(tick), anchor: "middle");
        }
        Labels(svg, up, Left - 8, "end");
    }

    private static void Labels(StringBuilder svg, ChartAxis up, double x, string anchor)
    {
        foreach (double tick in up.Ticks) Text(svg, x, up.At(tick) + 4, ChartAxis.Label(tick), anchor: anchor);
    }

    private static void Draw(StringBuilder svg, int top, ChartAxis across, ReadOnlySpan<(Curve Curve, ChartAxis Up)> curves)
    {
        double x = Left;
        foreach (var (curve, up) in curves)
        {
            if (curve.Points.Count == 0) continue;
            Line(svg, x, top - 14, x + 22, top - 14, curve.Class, "2");
            Text(svg, x + 28, top - 10, curve.Name);
            x += 48 + 7 * curve.Name.Length;
            foreach (var piece in curve.Pieces())
            {
                var points = piece.Select(point => Invariant($"{across.At(point.Epoch):0.##},{up.At(point.Value):0.##}"));
                svg.Append($"<polyline class=\"{curve.Class}\" points=\"{string.Join(' ', points)}\"/>\n");
            }
            if (curve.Points.Count > 40) continue;
            foreach (var (epoch, value) in curve.Points)
                svg.Append(Invariant($"""<circle class="{curve.Class} dot" cx="{across.At(epoch):0.##}" cy="{up.At(value):0.##}" r="3"><title>epoch {epoch}: {curve.Name} {value:G5}</title></circle>""")).Append('\n');
        }
    }

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string kind, string width = "1") =>
        svg.Append(Invariant($"""<line class="{kind}" x1="{x1:0.##}" y1="{y1:0.##}" x2="{x2:0.##}" y2="{y2:0.##}" stroke-width="{width}"/>""")).Append('\n');

    private static void Text(StringBuilder svg, double x, double y, string text, string? kind = null, string anchor = "start") =>
        svg.Append(Invariant($"""<text{(kind is null ? "" : $" class=\"{kind}\"")} x="{x:0.##}" y="{y:0.##}" text-anchor="{anchor}">{WebUtility.HtmlEncode(text)}</text>""")).Append('\n');

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

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
