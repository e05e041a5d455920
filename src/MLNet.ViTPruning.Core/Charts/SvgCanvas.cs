using System.Globalization;
using System.Net;
using System.Text;

namespace MLNet.ViTPruning.Charts;

/// <summary>A chart that is being drawn. The same calls give the same text.</summary>
internal sealed class SvgCanvas : IChartCanvas
{
    // Colours stand in classes, so that one file suits light and dark pages; a viewer that knows no media queries shows the light ones.
    private static readonly string Style = $$"""
        text { font: 12px system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif } .title { font-weight: 600 } .grid { stroke-width: 1 }
        polyline { fill: none; stroke-width: 2; stroke-linejoin: round } .rate { stroke-dasharray: 5 4 }
        {{Rules(static colour => colour.Light)}}
        @media (prefers-color-scheme: dark) {
        {{Rules(static colour => colour.Dark)}}
        }
        """;

    private readonly StringBuilder _svg = new();

    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="title">What it shows, for those who do not see it.</param>
    public SvgCanvas(int width, int height, string title)
    {
        _svg.Append(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">""")).Append('\n');
        _svg.Append($"<title>{WebUtility.HtmlEncode(title)}</title>\n<style>\n{Style}\n</style>\n");
        _svg.Append(Invariant($"""<rect class="page" width="{width}" height="{height}"/>""")).Append('\n');
    }

    /// <inheritdoc/>
    public void Line(double x1, double y1, double x2, double y2, string kind, double width = 1) =>
        _svg.Append(Invariant($"""<line class="{kind}" x1="{x1:0.##}" y1="{y1:0.##}" x2="{x2:0.##}" y2="{y2:0.##}" stroke-width="{width}"/>""")).Append('\n');

    /// <inheritdoc/>
    public void Text(double x, double y, string text, string? kind = null, string anchor = "start") =>
        _svg.Append(Invariant($"""<text{(kind is null ? "" : $" class=\"{kind}\"")} x="{x:0.##}" y="{y:0.##}" text-anchor="{anchor}">{WebUtility.HtmlEncode(text)}</text>""")).Append('\n');

    /// <inheritdoc/>
    public void Curve(IEnumerable<(double X, double Y)> points, string kind) =>
        _svg.Append($"<polyline class=\"{kind}\" points=\"{string.Join(' ', points.Select(point => Invariant($"{point.X:0.##},{point.Y:0.##}")))}\"/>\n");

    /// <summary>A point that says what it is where a pointer rests on it.</summary>
    public void Dot(double x, double y, string kind, string title) =>
        _svg.Append(Invariant($"""<circle class="{kind} dot" cx="{x:0.##}" cy="{y:0.##}" r="3"><title>{WebUtility.HtmlEncode(title)}</title></circle>""")).Append('\n');

    /// <summary>A picture, which becomes part of the file.</summary>
    /// <param name="x">Left.</param>
    /// <param name="y">Top.</param>
    /// <param name="width">Width; the picture is fitted to it without smoothing.</param>
    /// <param name="height">Height.</param>
    /// <param name="png">A PNG file.</param>
    /// <param name="title">What it shows.</param>
    public void Image(double x, double y, double width, double height, byte[] png, string title) =>
        _svg.Append(Invariant($"""<image x="{x:0.##}" y="{y:0.##}" width="{width:0.##}" height="{height:0.##}" style="image-rendering: pixelated" href="data:image/png;base64,{Convert.ToBase64String(png)}"><title>{WebUtility.HtmlEncode(title)}</title></image>""")).Append('\n');

    /// <summary>The file's text.</summary>
    public override string ToString() => _svg + "</svg>\n";

    private static string Rules(Func<(int Light, int Dark), int> page) => string.Join('\n', ChartColours.OfKind.Select(one => Rule(one.Key, $"#{page(one.Value):x6}")));

    private static string Rule(string kind, string colour) => kind switch
    {
        ChartColours.Text => $"text {{ fill: {colour} }}",
        "page" or "title" => $".{kind} {{ fill: {colour} }}",
        "grid" => $".grid {{ stroke: {colour} }}",
        _ => $".{kind} {{ stroke: {colour} }} .{kind}.dot {{ fill: {colour}; stroke: none }}",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
