using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Charts;
using MLNet.ViTPruning.Pruning.ModuleAware;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>One point of a comparison.</summary>
/// <param name="Method">The method, or <c>dense</c>.</param>
/// <param name="Removed">Share of all parameters that went.</param>
/// <param name="NonzeroParameters">Parameters that are not zero.</param>
/// <param name="NonzeroMacs">Multiply-adds whose weight is not zero.</param>
/// <param name="Plan">What every tensor lost; null where nothing was pruned.</param>
/// <param name="Result">The accuracy.</param>
internal sealed record ComparedPoint(string Method, double Removed, long NonzeroParameters, long NonzeroMacs, WeightPlan? Plan, Evaluation Result)
{
    /// <summary>Share of the weights that could go which went.</summary>
    public double Ratio => Plan is null ? 0 : (double)Plan.Removed / Plan.Weights;

    public JsonObject ToJson() => new()
    {
        ["method"] = Method,
        ["removed"] = Math.Round(Removed, 4),
        ["ratio"] = Math.Round(Ratio, 4),
        ["nonzeroParameters"] = NonzeroParameters,
        ["nonzeroMacs"] = NonzeroMacs,
        ["top1"] = Math.Round(Result.Top1, 4),
        ["top5"] = Math.Round(Result.Top5, 4),
    };
}

/// <summary>Accuracies of one model pruned in several ways, as files.</summary>
internal static class Comparison
{
    private const int Width = 760, Height = 420, Left = 64, Right = Width - 40, Top = 76, Bottom = Height - 60;
    private static readonly string[] Classes = ["train", "validation", "accuracy", "rate"];

    /// <summary>The points as a table.</summary>
    public static string Csv(IEnumerable<ComparedPoint> points) => Table("method,removed,ratio,nonzeroParameters,nonzeroMacs,images,top1,top5",
        points.Select(p => Invariant($"{p.Method},{p.Removed:0.####},{p.Ratio:0.####},{p.NonzeroParameters},{p.NonzeroMacs},{p.Result.Images},{p.Result.Top1:0.####},{p.Result.Top5:0.####}")));

    /// <summary>What every tensor lost at every point, as a table.</summary>
    public static string Layers(IEnumerable<ComparedPoint> points) => Table("method,removed,tensor,weights,masked,share",
        points.Where(p => p.Plan is not null).SelectMany(p => p.Plan!.Tensors.Select(t => Invariant($"{p.Method},{p.Removed:0.####},{t.Name},{t.Weights},{t.Removed},{(double)t.Removed / t.Weights:0.####}"))));

    /// <summary>Accuracy over the share of all parameters that went, a curve for each method; all begin at the dense model.</summary>
    public static string Svg(IReadOnlyList<ComparedPoint> points, string title)
    {
        var svg = new SvgCanvas(Width, Height, title);
        svg.Text(Left, 24, title, "title");
        var across = ChartAxis.Round(points.Select(p => 100 * p.Removed), Left, Right);
        var up = ChartAxis.Round([0, .. points.Select(p => p.Result.Top1)], Bottom, Top);
        foreach (double tick in up.Ticks)
        {
            svg.Line(Left, up.At(tick), Right, up.At(tick), "grid");
            svg.Text(Left - 8, up.At(tick) + 4, ChartAxis.Label(tick), anchor: "end");
        }
        foreach (double tick in across.Ticks)
        {
            svg.Line(across.At(tick), Top, across.At(tick), Bottom, "grid");
            svg.Text(across.At(tick), Bottom + 18, ChartAxis.Label(tick), anchor: "middle");
        }
        svg.Text((Left + Right) / 2.0, Bottom + 40, "parameters removed, % of all; top-1 accuracy, %", anchor: "middle");
        double x = Left;
        int next = 0;
        foreach (var curve in points.Skip(1).GroupBy(p => p.Method))
        {
            string kind = Classes[next++ % Classes.Length];
            svg.Line(x, Top - 20, x + 22, Top - 20, kind, 2);
            svg.Text(x + 28, Top - 16, curve.Key);
            x += 48 + 7 * curve.Key.Length;
            svg.Curve(curve.Prepend(points[0]).Select(p => (across.At(100 * p.Removed), up.At(p.Result.Top1))), kind);
            foreach (var p in curve) svg.Dot(across.At(100 * p.Removed), up.At(p.Result.Top1), kind, Invariant($"{p.Method}, {100 * p.Removed:0.#} % removed: {p.Result.Top1:0.##} %"));
        }
        return svg.ToString();
    }

    private static string Table(string head, IEnumerable<string> rows)
    {
        var text = new StringBuilder(head).Append('\n');
        foreach (string row in rows) text.Append(row).Append('\n');
        return text.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
