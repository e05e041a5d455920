namespace MLNet.ViTPruning.Charts;

/// <summary>What a chart is drawn on. Places are in pixels from the upper left; a kind names what is drawn, which gives it its colour.</summary>
internal interface IChartCanvas
{
    /// <summary>A straight line.</summary>
    void Line(double x1, double y1, double x2, double y2, string kind, double width = 1);

    /// <summary>A text on its base line.</summary>
    /// <param name="x">Where it starts, has its middle or ends, by <paramref name="anchor"/>.</param>
    /// <param name="y">The base line.</param>
    /// <param name="text">The text.</param>
    /// <param name="kind">Its kind; <see langword="null"/> for plain text.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    void Text(double x, double y, string text, string? kind = null, string anchor = "start");

    /// <summary>A line through points.</summary>
    void Curve(IEnumerable<(double X, double Y)> points, string kind);

    /// <summary>A point, and what it is for those canvases that can say it.</summary>
    void Dot(double x, double y, string kind, string title);
}
