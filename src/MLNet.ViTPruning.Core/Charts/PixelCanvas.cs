using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Charts;

/// <summary>A chart that is being drawn in pixels, two for each of the chart's own in both directions. The same calls give the same picture.</summary>
internal sealed class PixelCanvas : IChartCanvas
{
    private const int Scale = 2, TextScale = 3;         // a glyph's pixel is 1.5 of the chart's wide
    private const double CurveWidth = 2, DotWidth = 6;

    private readonly int _width, _height;
    private readonly byte[] _pixels;

    /// <param name="width">Width of the chart; the picture has twice as many pixels.</param>
    /// <param name="height">Height of the chart.</param>
    public PixelCanvas(int width, int height)
    {
        (_width, _height) = (Scale * width, Scale * height);
        _pixels = new byte[3 * _width * _height];
        _pixels.AsSpan().Fill(byte.MaxValue);
    }

    /// <inheritdoc/>
    public void Line(double x1, double y1, double x2, double y2, string kind, double width = 1) =>
        Stroke((x1, y1), (x2, y2), width, ChartColours.Light(kind));

    /// <inheritdoc/>
    public void Curve(IEnumerable<(double X, double Y)> points, string kind)
    {
        var all = points.ToList();
        for (int i = 1; i < all.Count; i++) Stroke(all[i - 1], all[i], CurveWidth, ChartColours.Light(kind));
    }

    /// <inheritdoc/>
    public void Dot(double x, double y, string kind, string title) => Stroke((x, y), (x, y), DotWidth, ChartColours.Light(kind));

    /// <inheritdoc/>
    public void Text(double x, double y, string text, string? kind = null, string anchor = "start")
    {
        int advance = TextScale * (PixelFont.Width + 1), length = text.Length * advance - TextScale;
        int left = (int)Math.Round(Scale * x) - (anchor == "end" ? length : anchor == "middle" ? length / 2 : 0);
        int top = (int)Math.Round(Scale * y) - TextScale * PixelFont.Height;
        var colour = ChartColours.Light(kind ?? ChartColours.Text);
        for (int i = 0; i < text.Length; i++)
            for (int row = 0; row < TextScale * PixelFont.Height; row++)
                for (int column = 0; column < TextScale * PixelFont.Width; column++)
                    if (PixelFont.IsSet(text[i], row / TextScale, column / TextScale))
                        Blend(left + i * advance + column, top + row, colour, 1);
    }

    /// <summary>What was drawn until now.</summary>
    public RgbImage ToImage() => new(_width, _height, (byte[])_pixels.Clone());

    /// <summary>A line with round ends: each pixel by how much of it lies within.</summary>
    private void Stroke((double X, double Y) from, (double X, double Y) to, double width, (byte R, byte G, byte B) colour)
    {
        var (ax, ay, bx, by, radius) = (Scale * from.X, Scale * from.Y, Scale * to.X, Scale * to.Y, Scale * width / 2);
        var (dx, dy) = (bx - ax, by - ay);
        double length = dx * dx + dy * dy;
        for (int y = (int)(Math.Min(ay, by) - radius - 1); y <= Math.Max(ay, by) + radius; y++)
            for (int x = (int)(Math.Min(ax, bx) - radius - 1); x <= Math.Max(ax, bx) + radius; x++)
            {
                var (px, py) = (x + 0.5 - ax, y + 0.5 - ay);
                double along = length > 0 ? Math.Clamp((px * dx + py * dy) / length, 0, 1) : 0;
                double distance = Math.Sqrt((px - along * dx) * (px - along * dx) + (py - along * dy) * (py - along * dy));
                Blend(x, y, colour, Math.Clamp(radius + 0.5 - distance, 0, 1));
            }
    }

    private void Blend(int x, int y, (byte R, byte G, byte B) colour, double share)
    {
        if (share <= 0 || x < 0 || y < 0 || x >= _width || y >= _height) return;
        var pixel = _pixels.AsSpan(3 * (y * _width + x), 3);
        (pixel[0], pixel[1], pixel[2]) = (Mix(pixel[0], colour.R), Mix(pixel[1], colour.G), Mix(pixel[2], colour.B));
        byte Mix(byte before, byte after) => (byte)Math.Round(before + (after - before) * share);
    }
}
