using System.Globalization;

namespace MLNet.ViTPruning.Charts;

/// <summary>Maps values of a range to places between two pixels, with ticks at round values (1, 2 or 5 times a power of ten).</summary>
internal sealed class ChartAxis
{
    private readonly double _first, _last, _from, _to;

    private ChartAxis(double first, double last, double step, double from, double to)
    {
        (_first, _last, _from, _to) = (first, last, from, to);
        // Counted, not added up, so that no rounding creeps in.
        long begin = (long)Math.Ceiling(first / step - 1e-6), end = (long)Math.Floor(last / step + 1e-6);
        Ticks = [.. Enumerable.Range(0, (int)(end - begin + 1)).Select(i => (begin + i) * step)];
    }

    /// <summary>The values that get a line and a label.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis that begins and ends at a tick.</summary>
    /// <param name="values">What it must hold; values that are no finite number are passed over.</param>
    /// <param name="from">Pixel of the lowest value.</param>
    /// <param name="to">Pixel of the highest value.</param>
    /// <param name="intervals">About how many intervals there should be.</param>
    public static ChartAxis Round(IEnumerable<double> values, double from, double to, int intervals = 5)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length == 0) finite = [0, 1];
        var (low, high) = (finite.Min(), finite.Max());
        // One value alone says nothing of a range; the axis begins at 0, so that a share does not end above 100 %.
        if (high - low <= 1e-9 * Math.Abs(high)) (low, high) = high > 0 ? (0, high) : (low - 1, high + 1);
        double step = Step((high - low) / intervals);
        return new ChartAxis(Math.Floor(low / step + 1e-6) * step, Math.Ceiling(high / step - 1e-6) * step, step, from, to);
    }

    /// <summary>An axis of counted things, from the first to the last, with whole numbers as ticks.</summary>
    public static ChartAxis Counted(int first, int last, double from, double to, int intervals = 10) => first == last
        ? new ChartAxis(first - 0.5, last + 0.5, 1, from, to)
        : new ChartAxis(first, last, Math.Max(1, Step((last - first) / (double)intervals)), from, to);

    /// <summary>Where a value stands, in pixels.</summary>
    public double At(double value) => _from + (value - _first) / (_last - _first) * (_to - _from);

    /// <summary>A tick's label.</summary>
    public static string Label(double value) => value != 0 && Math.Abs(value) < 0.01
        ? value.ToString("0.##e-0", CultureInfo.InvariantCulture)
        : Math.Round(value, 6).ToString("0.######", CultureInfo.InvariantCulture);

    private static double Step(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double factor = least / power;
        return power * (factor <= 1 + 1e-9 ? 1 : factor <= 2 + 1e-9 ? 2 : factor <= 5 + 1e-9 ? 5 : 10);
    }
}
