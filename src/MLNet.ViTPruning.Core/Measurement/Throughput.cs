using System.Diagnostics;

namespace MLNet.ViTPruning.Measurement;

/// <summary>Time of a repeated piece of work.</summary>
/// <param name="MedianSeconds">Median of one call.</param>
/// <param name="FastestSeconds">The fastest call.</param>
/// <param name="Spread">Distance between the quartiles, as a share of the median.</param>
/// <param name="Repeats">Number of measured calls.</param>
public sealed record Timing(double MedianSeconds, double FastestSeconds, double Spread, int Repeats)
{
    /// <summary>Rate of something that each call does several times.</summary>
    /// <param name="perCall">How often a call does it, such as images per batch.</param>
    /// <returns>How often it is done in a second, by the median.</returns>
    public double PerSecond(int perCall) => perCall / MedianSeconds;
}

/// <summary>Measures how long work takes.</summary>
public static class Throughput
{
    /// <summary>Calls the work a few times unmeasured, then measures each of several calls.</summary>
    /// <param name="work">The work; on an accelerator it must wait for its result.</param>
    /// <param name="warmUp">Calls before measuring.</param>
    /// <param name="repeats">Least number of measured calls.</param>
    /// <param name="minSeconds">Goes on past <paramref name="repeats"/> until this much time is measured.</param>
    /// <param name="cancellationToken">Ends it between calls.</param>
    /// <returns>The times.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or repeats is 0.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Timing Measure(Action work, int warmUp = 3, int repeats = 10, double minSeconds = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfNegative(warmUp);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(repeats);
        ArgumentOutOfRangeException.ThrowIfNegative(minSeconds);
        for (int i = 0; i < warmUp; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            work();
        }
        var seconds = new List<double>(repeats);
        for (double total = 0; seconds.Count < repeats || total < minSeconds;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            work();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            total += seconds[^1];
        }
        return Summarise(seconds);
    }

    /// <summary>Median, fastest and spread of measured times.</summary>
    /// <param name="seconds">At least one time.</param>
    internal static Timing Summarise(IReadOnlyCollection<double> seconds)
    {
        var sorted = seconds.Order().ToArray();
        double median = Quantile(sorted, 0.5);
        double spread = median > 0 ? (Quantile(sorted, 0.75) - Quantile(sorted, 0.25)) / median : 0;
        return new Timing(median, sorted[0], spread, sorted.Length);
    }

    private static double Quantile(double[] sorted, double q)
    {
        double position = q * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
